import type {CommandModule} from 'yargs';

/** A command and the names of its options, for suggestions. */
export type Command<Options = object> = CommandModule<object, Options> & {readonly optionNames: readonly string[]};
