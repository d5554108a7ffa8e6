import { actorOf } from '@orion/platform/audit';
import { Authenticated, viewerOf } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { ProfileService } from '../profile/profile.service.js';
import { User } from '../profile/user.entity.js';
import { userError } from '../user-error.js';
import type { AvatarService } from './avatar.service.js';
import { AvatarSize, Image, RemoveAvatarPayload, UploadAvatarInput, UploadAvatarPayload } from './avatar.types.js';

const PIXELS: Readonly<Record<AvatarSize, number>> = { SMALL: 64, MEDIUM: 256, LARGE: 512 };

@Resolver(() => User)
export class AvatarResolver {
  /** @param baseUrl where the gateway serves pictures, without a slash at the end. */
  constructor(
    private readonly service: AvatarService,
    private readonly profiles: ProfileService,
    private readonly baseUrl: string,
  ) {}

  @Authenticated()
  @FieldResolver(() => Image, { nullable: true, description: 'Their picture; null when they have none.' })
  async avatar(
    @Root() user: User,
    @Arg('size', () => AvatarSize, { defaultValue: AvatarSize.MEDIUM, description: 'How large.' }) size: AvatarSize,
    @Ctx() context: SubgraphContext,
  ): Promise<Image | null> {
    const hash = await context.loaders.load(this.service.hashesOfUsers, user.id);
    const pixels = PIXELS[size];
    return hash === null
      ? null
      : { url: `${this.baseUrl}/avatars/${hash}-${pixels}.webp`, width: pixels, height: pixels };
  }

  @Authenticated()
  @Mutation(() => UploadAvatarPayload, { description: 'Show a picture of you to others.' })
  async uploadAvatar(
    @Arg('input', () => UploadAvatarInput, { description: 'The picture.' }) input: UploadAvatarInput,
    @Ctx() context: SubgraphContext,
  ): Promise<UploadAvatarPayload> {
    const { userId } = viewerOf(context);
    const fault = await this.service.upload(userId, input.content, actorOf(context));
    return fault === null
      ? { user: await context.loaders.load(this.profiles.byId, userId), userErrors: [] }
      : { user: null, userErrors: [userError(fault, ['input', 'content'])] };
  }

  @Authenticated()
  @Mutation(() => RemoveAvatarPayload, { description: 'Show no picture of you any more.' })
  async removeAvatar(@Ctx() context: SubgraphContext): Promise<RemoveAvatarPayload> {
    const { userId } = viewerOf(context);
    await this.service.remove(userId, actorOf(context));
    return { user: await context.loaders.load(this.profiles.byId, userId), userErrors: [] };
  }
}
