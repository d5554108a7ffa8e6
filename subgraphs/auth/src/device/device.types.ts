import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { UserError } from '../user-error.js';
import { Device } from './device.entity.js';

@InputType({ description: 'A new name for a device.' })
export class RenameDeviceInput {
  @Field(() => ID, { description: 'One of your devices.' })
  readonly id!: string;

  @Field(() => String, { description: 'What to call it, 1 to 80 characters.' })
  readonly name!: string;
}

@InputType({ description: 'A device that has to give the second factor again.' })
export class UntrustDeviceInput {
  @Field(() => ID, { description: 'One of your devices.' })
  readonly id!: string;
}

@InputType({ description: 'A device that is yours no more.' })
export class RevokeDeviceInput {
  @Field(() => ID, { description: 'One of your devices.' })
  readonly id!: string;
}

@ObjectType({ description: 'The answer to a change of a device.' })
export class DevicePayload {
  @Field(() => Device, { nullable: true, description: 'The device as it is now; null when refused.' })
  readonly device!: Device | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty otherwise.' })
  readonly userErrors!: UserError[];
}
