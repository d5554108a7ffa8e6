import { route } from '@orion/platform/events';
import { isUuid } from '@orion/platform/ids';
import { holds } from '@orion/platform/identity';
import { defineSubgraph } from '@orion/platform/subgraph';
import { CapturedMessageResolver } from './captured-message/captured-message.resolver.js';
import { CapturedMessageService } from './captured-message/captured-message.service.js';
import { configSchema } from './config.js';
import type { NotificationConfig } from './config.js';
import { Inbox } from './inbox/inbox.entity.js';
import { InboxResolver } from './inbox/inbox.resolver.js';
import { InboxService } from './inbox/inbox.service.js';
import { followInboxes } from './live/live.feed.js';
import { createLiveInbox } from './live/live-inbox.js';
import { LiveResolver } from './live/live.resolver.js';
import { startMailDelivery } from './mail-delivery/mail-delivery.js';
import type { MailDelivery } from './mail-delivery/mail-delivery.js';
import { createSmtpTransport } from './mail-delivery/smtp-transport.js';
import { DeliveryAttempt } from './mail/delivery-attempt.entity.js';
import { Mail } from './mail/mail.entity.js';
import { MailService } from './mail/mail.service.js';
import { migrations } from './migrations/index.js';
import { Notification } from './notification/notification.entity.js';
import { NotificationResolver } from './notification/notification.resolver.js';
import { NotificationService } from './notification/notification.service.js';
import { UserNotificationsResolver } from './notification/user-notifications.resolver.js';
import { recipientRoutes } from './recipient/recipient.consumer.js';
import { Recipient } from './recipient/recipient.entity.js';
import { RecipientService } from './recipient/recipient.service.js';
import { User } from './recipient/user.stub.js';
import { securityAlertRoute } from './security-alert/security-alert.consumer.js';
import { SendingResolver } from './sending/sending.resolver.js';
import { SendingService } from './sending/sending.service.js';
import { startUpkeep } from './upkeep/upkeep.js';
import type { Upkeep } from './upkeep/upkeep.js';
import { verificationRoutes } from './verification/verification.consumer.js';
import { welcomeRoute } from './welcome/welcome.consumer.js';

export const subgraph = defineSubgraph<NotificationConfig>({
  name: 'notification',
  configSchema,
  entities: [DeliveryAttempt, Inbox, Mail, Notification, Recipient],
  migrations,
  resolvers: [
    CapturedMessageResolver,
    InboxResolver,
    LiveResolver,
    NotificationResolver,
    SendingResolver,
    UserNotificationsResolver,
  ],
  stubs: [User],
  owners: { User: 'id' },

  assemble({ config, database, backbone, transport, sealer, logger }) {
    const { manager } = database;
    const recipients = new RecipientService();
    const notifications = new NotificationService(manager);
    const inboxes = new InboxService(database);
    const mails = new MailService(manager, sealer, config.ORION_DEMO);
    const captured = config.ORION_DEMO ? new CapturedMessageService(manager, sealer) : null;
    const sending = new SendingService(database, recipients, notifications, mails);
    const live = createLiveInbox({ manager, logger });
    const mailOptions = { recipients, mails, sealer, publicUrl: config.PUBLIC_URL.replace(/\/+$/, '') };
    let delivery: MailDelivery | undefined;
    let upkeep: Upkeep | undefined;

    return {
      resolvers: [
        new CapturedMessageResolver(captured),
        new InboxResolver(inboxes),
        new LiveResolver(live, manager),
        new NotificationResolver(mails),
        new SendingResolver(sending),
        new UserNotificationsResolver(notifications, inboxes),
      ],
      references: {
        // Whether the person exists is for the user subgraph to say; what is no UUID has no inbox for certain.
        User: ({ id = '' }) => (isUuid(id) ? { id } : null),
        Notification: async ({ id = '' }, { loaders, viewer }) => {
          const notification = await loaders.load(notifications.byId, id);
          const isOwn = notification !== null && notification.recipientId === viewer?.userId;
          return isOwn || holds(viewer, 'notification:read:any') ? notification : null;
        },
      },
      async start() {
        upkeep = startUpkeep(database, { logger });
        backbone.consume({
          group: 'notification',
          topics: ['orion.auth', 'orion.user'],
          ordering: 'key',
          handle: route([
            ...recipientRoutes(recipients),
            welcomeRoute(mailOptions),
            ...verificationRoutes(mailOptions),
            securityAlertRoute({ recipients, mails }),
          ]),
        });
        await transport.tail(['orion.notification'], { onEvent: followInboxes(live) });
        if (config.SMTP_URL === undefined || config.MAIL_FROM === undefined || config.ORION_DEMO) return;
        const smtp = createSmtpTransport({ url: config.SMTP_URL, from: config.MAIL_FROM });
        delivery = startMailDelivery({ database, sealer, transport: smtp, logger });
      },
      async stop() {
        await live.close();
        await delivery?.stop();
        await upkeep?.stop();
      },
    };
  },
});
