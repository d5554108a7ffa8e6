export const personErrors = {
  PERSON_ID_INVALID: 'Ids of people are UUIDs.',
  REASON_INVALID: 'Say why, in at most 500 characters.',
} as const;
