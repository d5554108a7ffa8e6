import { Field, ObjectType } from 'type-graphql';
import { UserError } from '../user-error.js';
import { DataExport } from './export.entity.js';

@ObjectType({ description: 'The copy that is being made, or why there is none.' })
export class RequestDataExportPayload {
  @Field(() => DataExport, {
    nullable: true,
    description:
      'The copy: ask for it by its id until it is ready. The one under way when there is one; null when refused.',
  })
  readonly dataExport!: DataExport | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty when it is being made.' })
  readonly userErrors!: UserError[];
}
