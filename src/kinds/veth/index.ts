import { defineKind } from '../../engine/define-kind.ts'
import type { Model } from '../../model/types.ts'
import type { World } from '../../model/world.ts'
import { insideProbes } from '../shared/inside.ts'
import { LINKS } from '../shared/probes.ts'
import { desiredVeths } from './desired.ts'
import { observeVeths } from './observe.ts'
import { sameVeth } from './spec.ts'
import type { VethSpec } from './spec.ts'
import { vethSteps } from './steps.ts'

/** The pair between a bridge and a container whose network is ours to make. */
export const veth = defineKind<Model, World, VethSpec>({
  name: 'veth',
  deletes: 'late',
  container: ({ spec }) => spec.container,
  probes: (model, known) => [LINKS, ...insideProbes(model, known)],
  desired: desiredVeths,
  observe: observeVeths,
  same: sameVeth,
  steps: vethSteps,
})
