# Pacer as an image: `docker build -t pacer .`. compose.yaml and docs/operations.md say how it is run.
FROM python:3.11-slim AS build
WORKDIR /src
RUN python -m venv /opt/pacer
COPY requirements.lock ./
RUN /opt/pacer/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY handlers handlers
COPY scheduled scheduled
COPY storage storage
# What builds the package was installed with the lock, so nothing is fetched here.
RUN /opt/pacer/bin/pip install --no-cache-dir --no-deps --no-build-isolation --no-index .

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /pacer --create-home pacer
COPY --from=build /opt/pacer /opt/pacer
ENV PATH=/opt/pacer/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# app.yaml is mounted here.
WORKDIR /pacer
USER pacer
# Pacer itself is the first process and hears this: it announces its end, finishes what is begun, and ends with 0.
STOPSIGNAL SIGTERM
ENTRYPOINT ["pacer"]
CMD ["run"]
