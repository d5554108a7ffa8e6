export const deadLetterErrors = {
  SELECTION_INVALID: 'Say which dead letters: either ids, or a filter, or all: true.',
  FILTER_EMPTY: 'The filter sets no condition and would mean everything. Say all: true if that is what you want.',
  TOO_MANY_DEAD_LETTERS: 'Name 1 to 100 dead letters at once, or use a filter.',
  NOT_FOUND: 'There is no dead letter with this id.',
  NOT_DEAD: 'It is not dead: look at its state.',
  REASON_REQUIRED: 'Say why: a reason of 1 to 1000 characters goes into the audit log.',
  INVALID_DATA: 'The event must keep the contract of its type.',
} as const;
