# The gateway as a small image that runs as nobody in particular, on a read-only file system.
#
# The base is pinned by digest. This file names none, since only your registry can tell you which one
# it gives, and without one there is no image. Learn it with
#   docker buildx imagetools inspect python:3.12-slim --format '{{.Manifest.Digest}}'
# compare it with the image's page, and build with what stands behind `sha256:`
#   docker build --build-arg PYTHON_SHA256=... .
ARG PYTHON_IMAGE=python:3.12-slim
ARG PYTHON_SHA256

# What is left out is told in one word, since blanks part the words of FROM.
FROM ${PYTHON_IMAGE}@sha256:${PYTHON_SHA256:?Give_the_digest_of_the_base_image:_docs/deployment.md_says_how_to_look_it_up} AS build
WORKDIR /src
COPY constraints.txt ./
RUN python -m venv /opt/cgw \
 && /opt/cgw/bin/pip install --no-cache-dir --require-hashes -r constraints.txt
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY gateway gateway
COPY adapters adapters
RUN /opt/cgw/bin/pip install --no-cache-dir --no-deps .

FROM ${PYTHON_IMAGE}@sha256:${PYTHON_SHA256}
# What is written is under /var/lib/cgw and /tmp, and nowhere else; volumes that are mounted there
# belong to this user from the start.
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent cgw \
 && install -d -o cgw -g cgw -m 0750 /etc/cgw /etc/cgw/keys /var/lib/cgw \
      /var/lib/cgw/recipes /var/lib/cgw/log
COPY --from=build /opt/cgw /opt/cgw
ENV PATH=/opt/cgw/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 TMPDIR=/tmp
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["python", "-c", \
  "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["cgw"]
CMD ["serve", "--config", "/etc/cgw/cgw.toml", "--host", "0.0.0.0"]
