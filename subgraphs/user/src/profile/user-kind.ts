import { registerEnumType } from 'type-graphql';

/** What a user is. */
export enum UserKind {
  PERSON = 'PERSON',
  SERVICE = 'SERVICE',
}
registerEnumType(UserKind, {
  name: 'UserKind',
  description: 'What a user is.',
  valuesConfig: {
    PERSON: { description: 'A person.' },
    SERVICE: { description: 'A program under a name of its own.' },
  },
});
