"""The dashboard's server: who may reach it, what it sends, how it is started."""
