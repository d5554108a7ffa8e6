import type { DemoAccount } from './demo.js';

export interface ExampleTab {
  readonly query: string;
  readonly variables?: string;
}

const DASHBOARD = `# One query, four subgraphs: user, auth,
# notification and analytics each answer a part.
query Dashboard {
  me {
    displayName
    email
    roles {
      role {
        name
      }
    }
    sessions(first: 3) {
      nodes {
        createdAt
        isCurrent
      }
    }
    notificationCounts {
      unseen
      unread
    }
    notifications(first: 5) {
      nodes {
        title
        createdAt
        actor {
          displayName
        }
      }
    }
    activitySummary {
      logins
      days(last: 7) {
        day
        events
      }
    }
  }
}
`;

const LIVE = `# Run it, then run the next tab: this one goes on.
# The event log (bar at the left) has every event.
subscription Live {
  notificationReceived {
    rev
    notification {
      title
      body
      createdAt
      actor {
        displayName
      }
    }
    counts {
      unseen
    }
  }
}
`;

const NOTIFY = `# Makes events for the tab before.
# Needs notification:send:any, which admin has.
mutation Notify($to: [ID!]!) {
  sendNotification(
    input: {
      recipientIds: $to
      type: "GREETING"
      title: "Hello"
      body: "Nice to see you here."
    }
  ) {
    notifications {
      id
      status
      recipient {
        displayName
      }
    }
    userErrors {
      code
      message
    }
  }
}
`;

const SIGN_UP = `# The answer never tells whether the address is
# taken; a mail does. The demo captures mails, see
# { capturedMessages { nodes { subject text } } }
mutation SignUp($email: String!) {
  register(
    input: {
      email: $email
      password: "correct horse battery"
      displayName: "Carol"
    }
  ) {
    accepted
    userErrors {
      code
      path
      message
    }
  }
}
`;

const EVERYTHING = `# What happens on the platform, as it happens.
# Run it, then sign in as somebody else (top right).
# Needs analytics:read:any, which admin has.
subscription Everything {
  liveEvents {
    name
    occurredAt
    user {
      displayName
    }
    properties
  }
}
`;

const OPERATE = `# What an operator looks at: events that failed for
# good, what waits, and who did what.
# Needs deadletter:read:any, queue:read:any and
# audit:read:any, which admin has.
query Operate {
  deadLetters(filter: { state: DEAD }, first: 10) {
    nodes {
      id
      group
      type
      error
      diedAt
      data
    }
  }
  queueStats {
    outbox {
      depth
    }
    groups {
      group
      lag
      retrying
      dead
    }
    jobs {
      kind
      priority
      waiting
      running
      dead
    }
  }
  auditLogs(first: 5) {
    nodes {
      action
      occurredAt
      actor {
        displayName
      }
    }
  }
}
`;

/** What is open at first. The notification goes to the demo accounts, where there are any. */
export function exampleTabs(accounts: readonly DemoAccount[]): ExampleTab[] {
  const json = (value: unknown): string => JSON.stringify(value, null, 2);
  return [
    { query: DASHBOARD },
    { query: LIVE },
    { query: NOTIFY, variables: json({ to: accounts.map(({ id }) => id) }) },
    { query: SIGN_UP, variables: json({ email: 'carol@example.com' }) },
    { query: EVERYTHING },
    { query: OPERATE },
  ];
}
