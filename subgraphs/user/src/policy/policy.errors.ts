export const policyErrors = {
  POLICY_NOT_FOUND: 'There is no such policy.',
  POLICY_NAME_INVALID: 'A name of a policy has 1 to 100 visible characters.',
  POLICY_NAME_TAKEN: 'There is another policy of this name.',
  POLICY_FOR_EVERYBODY: 'Only administrators can make or change policies that concern everybody.',
  POLICY_LOCKS_OUT: 'A policy cannot deny administrators what it takes to change policies, permissions and roles.',
  CONDITION_INVALID: 'This is no condition.',
} as const;
