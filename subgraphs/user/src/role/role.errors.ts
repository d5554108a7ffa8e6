export const roleErrors = {
  USER_NOT_FOUND: 'There is no such user.',
  ROLE_NOT_FOUND: 'There is no such role.',
  ROLE_NAME_INVALID: 'A name of a role has 2 to 50 characters: A to Z, digits and underscores, a letter first.',
  ROLE_NAME_TAKEN: 'There is another role of this name.',
  ROLE_DESCRIPTION_INVALID: 'A description has 1 to 500 characters and no control characters.',
  ROLE_LEVEL_INVALID: 'A level is between 1 and 99, not below that of the parent and not above that of a child.',
  ROLE_LEVEL_TOO_HIGH:
    'You can only handle roles whose level is below that of your own highest role. Administrators can handle all.',
  ROLE_IS_SYSTEM: 'The platform needs this role as it is.',
  ROLE_IN_USE: 'Somebody has this role, or another role inherits from it.',
  ROLE_CYCLE: 'A role cannot inherit from itself, not by way of others either.',
  ROLE_CHAIN_TOO_LONG: 'A role inherits from at most 31 others, one after the other.',
  PARENT_LEVEL_TOO_HIGH: 'A role can only inherit from one whose level is not above its own.',
  USER_LEVEL_TOO_HIGH: 'You can only change what those may do whose highest role is below your own.',
  OWN_ACCESS: 'Nobody can change their own roles and permissions.',
  LAST_ADMIN: 'This is the last administrator for good: make somebody else one first.',
} as const;
