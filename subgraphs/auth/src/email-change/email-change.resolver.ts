import { Interactive, Public, viewerOf } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { EmailChangeService } from './email-change.service.js';
import {
  ConfirmEmailChangeInput,
  ConfirmEmailChangePayload,
  RequestEmailChangeInput,
  RequestEmailChangePayload,
} from './email-change.types.js';

@Resolver()
export class EmailChangeResolver {
  constructor(private readonly changes: EmailChangeService) {}

  @Interactive({ stepUp: true })
  @Mutation(() => RequestEmailChangePayload, {
    description:
      'Ask for another e-mail address. A link to prove it is mailed there, which works for an hour, and the present ' +
      'address is told. At most three such mails an hour are sent for one user, and to one address.',
  })
  async requestEmailChange(
    @Arg('input', () => RequestEmailChangeInput, { description: 'The address.' }) input: RequestEmailChangeInput,
    @Ctx() context: SubgraphContext,
  ): Promise<RequestEmailChangePayload> {
    const userErrors = await this.changes.request(viewerOf(context), input.newEmail, {
      ip: context.clientIp,
      userAgent: context.userAgent,
    });
    return { accepted: userErrors.length === 0, userErrors };
  }

  @Public()
  @Mutation(() => ConfirmEmailChangePayload, {
    description:
      'Prove that the new address is yours with the token from the mail: it counts from now on. All sessions end but the ' +
      'one in which it was asked for, and no device is trusted any more.',
  })
  async confirmEmailChange(
    @Arg('input', () => ConfirmEmailChangeInput, { description: 'The token.' }) input: ConfirmEmailChangeInput,
    @Ctx() context: SubgraphContext,
  ): Promise<ConfirmEmailChangePayload> {
    const userErrors = await this.changes.confirm(input.token, { ip: context.clientIp, userAgent: context.userAgent });
    return { changed: userErrors.length === 0, userErrors };
  }
}
