/** The same words in the inbox and in the mail. */
export interface AccountNotice {
  readonly title: string;
  readonly body: string;
}

/** @param dueAt ISO 8601. */
export function deletionText(dueAt: string): AccountNotice {
  return {
    title: 'Your account will be deleted',
    body: [
      `Somebody who was signed in as you asked for your account to be deleted. It happens at ${dueAt}, with all that is known of you.`,
      'If this was you, there is nothing to do; until then you can change your mind with the cancelAccountDeletion mutation.',
      'If not, cancel it, end all of your sessions but the one you are using with logout and the scope OTHERS, and change your password.',
    ].join('\n\n'),
  };
}

/** @param expiresAt ISO 8601. */
export function exportText(expiresAt: string): AccountNotice {
  return {
    title: 'The copy of your data is ready',
    body: [
      `The copy of all that is known of you, which was asked for in your name, is complete. It stays until ${expiresAt}, and only you can fetch it.`,
      'If you did not ask for it, end all of your sessions but the one you are using with logout and the scope OTHERS, and change your password.',
    ].join('\n\n'),
  };
}
