import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { DeliveryAttempt } from '../mail/delivery-attempt.entity.js';
import type { MailService } from '../mail/mail.service.js';
import { User } from '../recipient/user.stub.js';
import { Notification, NotificationChannel } from './notification.entity.js';

@Resolver(() => Notification)
export class NotificationResolver {
  constructor(private readonly mails: MailService) {}

  @FieldResolver(() => User, { nullable: true, description: 'Whom it is for.' })
  recipient(@Root() notification: Notification): User {
    return { id: notification.recipientId };
  }

  @FieldResolver(() => User, { nullable: true, description: 'Who caused it; null when nobody in particular did.' })
  actor(@Root() notification: Notification): User | null {
    return notification.actorId === null ? null : { id: notification.actorId };
  }

  @FieldResolver(() => [DeliveryAttempt], {
    description: 'Attempts to hand it on, first to last. An inbox needs none: it has the notification when it exists.',
  })
  attempts(
    @Root() notification: Notification,
    @Ctx() context: SubgraphContext,
  ): Promise<DeliveryAttempt[]> | DeliveryAttempt[] {
    return notification.channel === NotificationChannel.IN_APP
      ? []
      : context.loaders.load(this.mails.attemptsOfMails, notification.id);
  }
}
