import { registerEnumType } from 'type-graphql';

/** Whether an account can be used. */
export enum UserStatus {
  ACTIVE = 'ACTIVE',
  SUSPENDED = 'SUSPENDED',
  DELETED = 'DELETED',
}
registerEnumType(UserStatus, {
  name: 'UserStatus',
  description: 'Whether an account can be used.',
  valuesConfig: {
    ACTIVE: { description: 'It can.' },
    SUSPENDED: { description: 'An administrator has suspended it: nobody can sign in.' },
    DELETED: { description: 'It was deleted: what is left belongs to nobody.' },
  },
});
