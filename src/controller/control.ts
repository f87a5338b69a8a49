import { answerTo, type Handlers } from '../app/control-words.ts'
import type { Problem } from '../engine/types.ts'
import type { SystemError } from '../system/errors.ts'
import { attachAsked } from './attach.ts'
import type { ControllerOptions, State } from './state.ts'

/** Hears what is asked of a controller that runs: one handler for each verb of app/control-words.ts. */
export function hearRequests<Source>(
  state: State<Source>,
  options: ControllerOptions<Source>,
  ring: () => void,
): { close(): Promise<void> } {
  const { keeper, feeds, emit } = options
  const handlers: Handlers = {
    attach: async (attachment) => attachAsked(state, options, { attachment, ring }),
    events: async () => ({ ok: true, problems: [], recording: options.recorded() }),
  }
  const answer = async (request: string): Promise<string> => answerTo(request, handlers)
  return feeds.serve(keeper.controlSocket, answer, {
    failed: (error) => {
      const problem = unheard(error)
      state.monitors.set(keeper.controlSocket, problem)
      state.version += 1
      emit({ type: 'unheard', problem })
    },
    served: () => {
      state.monitors.delete(keeper.controlSocket)
      state.version += 1
      emit({ type: 'heard-again' })
    },
  })
}

function unheard({ message }: SystemError): Problem {
  return {
    code: 'S64-W005',
    message: `containers that start cannot ask for their network: ${message}`,
    hint: 'make the run directory writable (--run-dir DIR); they are connected by their events meanwhile',
  }
}
