"""What a run leaves for people: a folder of tables, words and data, and figures."""
