/** Where a sign-in comes from. */
export interface LoginOrigin {
  readonly ip: string | null;
  readonly userAgent: string | null;
}
