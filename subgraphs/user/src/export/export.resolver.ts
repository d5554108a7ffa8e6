import { actorOf } from '@orion/platform/audit';
import { Interactive, viewerOf } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { GraphQLJSONObject } from 'graphql-scalars';
import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { DataExport } from './export.entity.js';
import type { ExportService } from './export.service.js';
import { RequestDataExportPayload } from './export.types.js';

@Resolver(() => DataExport)
export class ExportResolver {
  constructor(private readonly service: ExportService) {}

  @Interactive()
  @Query(() => DataExport, {
    nullable: true,
    description: 'A copy of your data by its id; null when there is none, or not any more.',
  })
  dataExport(
    @Arg('id', () => ID, { description: 'UUID, as requestDataExport told it.' }) id: string,
    @Ctx() context: SubgraphContext,
  ): Promise<DataExport | null> {
    return this.service.find(id, viewerOf(context).userId);
  }

  @Interactive({ stepUp: true })
  @FieldResolver(() => GraphQLJSONObject, {
    nullable: true,
    description: 'All of it: by service, by table, the rows. Null while it is not ready.',
  })
  content(@Root() dataExport: DataExport, @Ctx() context: SubgraphContext): Promise<object | null> {
    // Whoever made the object has made sure whose it is; this holds on every other way to it as well.
    return dataExport.userId === viewerOf(context).userId
      ? this.service.read(dataExport, actorOf(context))
      : Promise.resolve(null);
  }

  @Interactive({ stepUp: true })
  @Mutation(() => RequestDataExportPayload, {
    description: 'Have a copy made of all that is known of you, in every service. It stays for 7 days.',
  })
  requestDataExport(@Ctx() context: SubgraphContext): Promise<RequestDataExportPayload> {
    return this.service.request(viewerOf(context).userId, actorOf(context));
  }
}
