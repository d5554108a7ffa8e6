/** Each of ORION's subgraphs answers a part of it: user, auth, notification, analytics. */
export const DEMO_QUERY =
  '{ me { displayName sessions(first: 1) { nodes { id } } notificationCounts { unseen } activitySummary { logins } } }';

export const DEMO_SUBSCRIPTION = 'subscription { notificationCountsChanged { unseen } }';
