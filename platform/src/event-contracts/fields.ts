import { z } from 'zod';

/** Ids are UUIDs in practice; consumers must not depend on it. */
export const id = (what: string) => z.string().min(1).max(200).describe(what);

/** A BCP 47 tag. */
export const locale = () =>
  z.string().min(2).max(35).describe('Preferred language as a BCP 47 tag, for example "en" or "de-CH".');

export const email = () => z.string().min(3).max(320).describe('Email address as the user typed it.');

export const displayName = () => z.string().min(1).max(200).describe('Name to show to other people.');
