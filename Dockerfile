# The gateway as a small image that runs as nobody in particular, on a read-only file system.
FROM python:3.12-slim AS build
WORKDIR /src
COPY constraints.txt ./
RUN python -m venv /opt/cgw \
 && /opt/cgw/bin/pip install --no-cache-dir --require-hashes -r constraints.txt
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY gateway gateway
COPY adapters adapters
RUN /opt/cgw/bin/pip install --no-cache-dir --no-deps .

FROM python:3.12-slim
RUN useradd --system --uid 10001 --no-create-home cgw
COPY --from=build /opt/cgw /opt/cgw
ENV PATH=/opt/cgw/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["python", "-c", \
  "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["cgw"]
CMD ["serve", "--config", "/etc/cgw/cgw.toml", "--host", "0.0.0.0"]
