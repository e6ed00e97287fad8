# One image for every process of the portal; compose.yaml says which of them a container runs.

FROM python:3.13-slim AS packages
RUN python -m venv /opt/venv
COPY requirements.lock .
RUN /opt/venv/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements.lock

FROM python:3.13-slim
RUN groupadd --gid 10001 countersign \
    && useradd --uid 10001 --gid countersign --no-create-home --home-dir /nonexistent countersign \
    && install -d -o countersign -g countersign /var/lib/countersign/keys /var/lib/countersign/buckets \
    # A new volume takes the owner of the folder that it is mounted on.
    && for process in web screen registry campaigns-worker fraud-worker trail-worker platform-worker beat; do \
        install -d -m 700 -o countersign -g countersign "/var/lib/countersign/keys/keys-$process"; done
COPY --from=packages /opt/venv /opt/venv
WORKDIR /srv/countersign
COPY manage.py ./
COPY portal portal
COPY campaigns campaigns
COPY fraud fraud
COPY templates templates
COPY static static
COPY locale locale
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    STATIC_ROOT=/srv/countersign/staticfiles
# The static files are gathered once, here; the settings that they do not depend on point at nothing.
RUN SECRET_KEY=building DATABASE_URL=postgres://nobody@127.0.0.1:9/nothing REDIS_URL=redis://127.0.0.1:9/0 \
    KEY_FILE=/nonexistent/keys.json python manage.py collectstatic --no-input --verbosity 0
USER countersign
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--no-ws", "--host", "0.0.0.0", "--port", "8000", "--workers", "1", "--blocking-threads", "16", "portal.wsgi:application"]
