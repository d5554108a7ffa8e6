import { z } from 'zod';

/** Ids are UUIDs in practice; consumers must not depend on it. */
export const id = (what: string) => z.string().min(1).max(200).describe(what);

/** A BCP 47 tag. */
export const locale = () =>
  z.string().min(2).max(35).describe('Preferred language as a BCP 47 tag, for example "en" or "de-CH".');

export const email = () => z.string().min(3).max(320).describe('Email address as the user typed it.');

export const displayName = () => z.string().min(1).max(200).describe('Name to show to other people.');

/** A point in time as the platform writes it: UTC. */
export const instant = (what: string) => z.iso.datetime().describe(`${what} ISO 8601, UTC.`);

/** Code of a fact or a kind, for programs. */
export const code = (what: string) => z.string().min(1).max(100).describe(what);

/** Name of a consumer group. */
export const consumerGroup = () => z.string().min(1).max(200).describe('Consumer group, for example "notification".');

/** Name of a service. */
export const serviceName = () =>
  z.string().min(1).max(100).describe('Service that publishes this, for example "notification".');

/** Who wants an operation. Whoever publishes a request answers for the permission: those who carry it out cannot check. */
export const requestedById = () =>
  z.string().min(1).max(200).nullable().describe('Id of the operator who asked for it; null when nobody did.');
