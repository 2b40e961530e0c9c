import { type ServiceSettings, defineSettings } from '@causeway/platform';
import { z } from 'zod';

/** The settings of the registry. */
export const settings = defineSettings({
  maxFlowBytes: {
    schema: z.coerce.number().int().min(1_000).max(45_000_000).default(20_000_000),
    description:
      'Largest flow file, ZIP of flows, or graph of a flow, in bytes. A ZIP may unpack to five times as much. In base64 it must fit into a message between services.',
  },
  maxFlowNodes: {
    schema: z.coerce.number().int().min(10).max(100_000).default(10_000),
    description:
      'Most nodes of a flow, those inside groups included; it may have five times as many edges. Flows that people draw have fewer than 200.',
  },
  maxFlowValues: {
    schema: z.coerce.number().int().min(1_000).max(10_000_000).default(1_000_000),
    description:
      'Most values (texts, numbers, lists, objects) in a flow file or graph: the memory and time that it takes go by their number. A node has about 250.',
  },
  maxGraphsBytes: {
    schema: z.coerce.number().int().min(1_000_000).max(10_000_000_000).default(320_000_000),
    description:
      'Large graphs that are worked on or wait for it, in bytes; each counts as at least one megabyte. One team may use a quarter of it. More are refused with GRAPHS_FULL or TEAM_GRAPHS_FULL.',
  },
  resealLookMs: {
    schema: z.coerce.number().int().min(100).max(86_400_000).default(60_000),
    description:
      'How often it is looked for what another data key than the current one has sealed, in milliseconds; a rotation is followed at once.',
  },
  deletedFlowDays: {
    schema: z.coerce.number().int().min(1).max(36_500).default(30),
    description:
      'How long a deleted flow or project is kept, in days; a flow with its versions, so that runs can be traced to it, and longer while one of its runs is kept.',
  },
  flowVersionDays: {
    schema: z.coerce.number().int().min(1).max(36_500).default(90),
    description:
      'How long a version of a flow is kept after another version has replaced it, in days; longer while one of its runs is kept.',
  },
  fileDays: {
    schema: z.coerce.number().int().min(0).max(36_500).default(0),
    description:
      'How long an uploaded file is kept, in days; 0 means until it is deleted. Runs of flows that name a removed file fail.',
  },
  orphanDays: {
    schema: z.coerce.number().int().min(1).max(36_500).default(90),
    description:
      'How long an object that no file names is kept, in days; longer while a run is kept that was submitted before it was stored, because runs of earlier versions stored such objects.',
  },
});

export type Settings = ServiceSettings<typeof settings>;
