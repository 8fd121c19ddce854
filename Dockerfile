# The dashboard for a room:
#   docker build -t spiraal .
#   docker run -p 8765:8765 -e SPIRAAL_HOSTS=this-computer.example spiraal
# It prints a link with a token; others put the name of this computer, which SPIRAAL_HOSTS tells it, in place of the
# address. Equations are compiled when they are first used, once for each container.
FROM python:3.13-slim

RUN useradd --create-home spiraal
WORKDIR /home/spiraal/src
COPY . .
RUN pip install --no-cache-dir --constraint requirements.txt ".[app,cluster,studies]"

USER spiraal
WORKDIR /home/spiraal
EXPOSE 8765
CMD ["spiraal", "app", "--share", "--host", "0.0.0.0", "--no-browser"]
