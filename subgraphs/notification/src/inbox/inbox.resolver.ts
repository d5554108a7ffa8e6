import { Auth, viewerOf } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { userError } from '../user-error.js';
import type { UserError } from '../user-error.js';
import type { InboxChange } from './inbox-change.js';
import type { InboxChanged, InboxService } from './inbox.service.js';
import {
  ArchiveNotificationsInput,
  ArchiveNotificationsPayload,
  MarkAllNotificationsReadPayload,
  MarkNotificationsReadInput,
  MarkNotificationsReadPayload,
  MarkNotificationsSeenInput,
  MarkNotificationsSeenPayload,
} from './inbox.types.js';

const MOST_IDS = 100;

/** What changed, and what stands against changing it. */
type Payload = InboxChanged & { readonly userErrors: UserError[] };

@Resolver()
export class InboxResolver {
  constructor(private readonly inboxes: InboxService) {}

  @Auth('notification:update:own')
  @Mutation(() => MarkNotificationsSeenPayload, {
    description: 'Say that notifications in your inbox were shown to you.',
  })
  markNotificationsSeen(
    @Arg('input', () => MarkNotificationsSeenInput, { description: 'Which.' }) { ids }: MarkNotificationsSeenInput,
    @Ctx() context: SubgraphContext,
  ): Promise<MarkNotificationsSeenPayload> {
    return this.change(context, { change: 'seen', ids });
  }

  @Auth('notification:update:own')
  @Mutation(() => MarkNotificationsReadPayload, {
    description: 'Say that you read notifications; it includes seeing them.',
  })
  markNotificationsRead(
    @Arg('input', () => MarkNotificationsReadInput, { description: 'Which.' }) { ids }: MarkNotificationsReadInput,
    @Ctx() context: SubgraphContext,
  ): Promise<MarkNotificationsReadPayload> {
    return this.change(context, { change: 'read', ids });
  }

  @Auth('notification:update:own')
  @Mutation(() => MarkAllNotificationsReadPayload, {
    description: 'Say that you read everything that is in your inbox.',
  })
  markAllNotificationsRead(@Ctx() context: SubgraphContext): Promise<MarkAllNotificationsReadPayload> {
    return this.change(context, { change: 'read', ids: null });
  }

  @Auth('notification:update:own')
  @Mutation(() => ArchiveNotificationsPayload, {
    description: 'Put notifications away: they leave your inbox and its counts.',
  })
  archiveNotifications(
    @Arg('input', () => ArchiveNotificationsInput, { description: 'Which.' }) { ids }: ArchiveNotificationsInput,
    @Ctx() context: SubgraphContext,
  ): Promise<ArchiveNotificationsPayload> {
    return this.change(context, { change: 'archived', ids });
  }

  private async change(
    context: SubgraphContext,
    { change, ids }: { readonly change: InboxChange; readonly ids: readonly string[] | null },
  ): Promise<Payload> {
    const { userId } = viewerOf(context);
    if (ids !== null && ids.length > MOST_IDS) {
      const counts = await context.loaders.load(this.inboxes.countsOfUsers, userId);
      return { changed: 0, counts, userErrors: [userError('TOO_MANY_NOTIFICATIONS', ['input', 'ids'])] };
    }
    return { ...(await this.inboxes.change(userId, { change, ids })), userErrors: [] };
  }
}
