import { Field, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { User } from '../profile/user.entity.js';
import { UserError } from '../user-error.js';

/** How large a picture is. */
export enum AvatarSize {
  SMALL = 'SMALL',
  MEDIUM = 'MEDIUM',
  LARGE = 'LARGE',
}
registerEnumType(AvatarSize, {
  name: 'AvatarSize',
  description: 'How large a picture is.',
  valuesConfig: {
    SMALL: { description: '64 by 64 pixels.' },
    MEDIUM: { description: '256 by 256 pixels.' },
    LARGE: { description: '512 by 512 pixels.' },
  },
});

@ObjectType({ description: 'A picture, as WebP.' })
export class Image {
  @Field(() => String, {
    description: 'Where it is. It never changes: a new picture has another address. Nobody can guess it.',
  })
  readonly url!: string;

  @Field(() => Int, { description: 'In pixels.' })
  readonly width!: number;

  @Field(() => Int, { description: 'In pixels.' })
  readonly height!: number;
}

@InputType({ description: 'A picture of you.' })
export class UploadAvatarInput {
  @Field(() => String, {
    description:
      'JPEG, PNG, WebP or GIF of at most 512 KiB in base64, or as a `data:` URI. It is cut to a square in the middle; what it says of the camera and the place is left out.',
  })
  readonly content!: string;
}

@ObjectType({ description: 'You with your new picture, or why there is none.' })
export class UploadAvatarPayload {
  @Field(() => User, { nullable: true, description: 'You, as you are now; null when refused.' })
  readonly user!: User | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty when it is your picture now.' })
  readonly userErrors!: UserError[];
}

@ObjectType({ description: 'You without a picture.' })
export class RemoveAvatarPayload {
  @Field(() => User, { nullable: true, description: 'You, as you are now.' })
  readonly user!: User | null;

  @Field(() => [UserError], { description: 'Always empty: without a picture there is nothing to remove.' })
  readonly userErrors!: UserError[];
}
