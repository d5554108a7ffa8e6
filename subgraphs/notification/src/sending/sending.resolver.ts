import { Auth, viewerOf } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { SendingService } from './sending.service.js';
import { SendNotificationInput, SendNotificationPayload } from './sending.types.js';

@Resolver()
export class SendingResolver {
  constructor(private readonly sending: SendingService) {}

  @Auth('notification:send:any')
  @Mutation(() => SendNotificationPayload, { description: 'Notify people. You are shown to them as the one who did.' })
  sendNotification(
    @Arg('input', () => SendNotificationInput, { description: 'What, and whom.' }) input: SendNotificationInput,
    @Ctx() context: SubgraphContext,
  ): Promise<SendNotificationPayload> {
    return this.sending.send(input, { senderId: viewerOf(context).userId });
  }
}
