const PASSWORD =
  'at least 16 letters, digits and . _ ~ - only, because it becomes part of a URL; for instance from `openssl rand -hex 24`';

/** What only docker-compose.yml reads; everything else is described by the configuration schema of a service. */
export const composeVariables: Readonly<Record<string, string>> = {
  COMPOSE_PROFILES: 'optional parts, separated by commas: kafka, redis',
  ORION_VERSION: 'tag of the images of the services',
  POSTGRES_PASSWORD: `password of the superuser postgres: ${PASSWORD}`,
  AUTH_DATABASE_PASSWORD: 'password of the role orion_auth, made like POSTGRES_PASSWORD',
  USER_DATABASE_PASSWORD: 'password of the role orion_user, made like POSTGRES_PASSWORD',
  NOTIFICATION_DATABASE_PASSWORD: 'password of the role orion_notification, made like POSTGRES_PASSWORD',
  ANALYTICS_DATABASE_PASSWORD: 'password of the role orion_analytics, made like POSTGRES_PASSWORD',
  BUS_DATABASE_PASSWORD: 'password of the role orion_bus, made like POSTGRES_PASSWORD',
  GATEWAY_PORT: 'port of the gateway on 127.0.0.1 of this machine',
  POSTGRES_PORT: 'port of PostgreSQL on 127.0.0.1 of this machine',
  KAFKA_PORT: 'port of Kafka on 127.0.0.1 of this machine',
  REDIS_PORT: 'port of Redis on 127.0.0.1 of this machine',
};
