/** Requirements that have no case yet, and why. */
export const NOT_YET: readonly { readonly ids: readonly string[]; readonly why: string }[] = [
  { ids: ['A10'], why: 'Pins of public keys come with the setting for them.' },
  {
    ids: ['A21'],
    why: 'The resolver of the system would have to be the subject, which would change the machine.',
  },
  {
    ids: ['S1', 'S7'],
    why: 'Who may ask, and how often, is tested with the program, since only it has the setting.',
  },
  {
    ids: ['S8', 'S9'],
    why: 'Metrics and the admin endpoint are tested with the program, since only it has them.',
  },
  { ids: ['T26'], why: 'It applies to a server that tells clients an idle time (keepalive).' },
  { ids: ['S6'], why: 'The runner looks for traces and for the end of the process after every case.' },
  { ids: ['H8'], why: 'It is part of H14 and H15.' },
];
