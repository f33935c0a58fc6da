/** The button that goes through: as the system has it, light, dark. The choice lasts where the browser keeps it. */
export function bindTheme(button: HTMLElement): void {
  const system = matchMedia('(prefers-color-scheme: dark)');
  let choice = stored();
  const apply = () => {
    const dark = choice === 'dark' || (choice === 'auto' && system.matches);
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
    button.textContent = choice === 'auto' ? 'theme: system' : `theme: ${choice}`;
  };
  button.addEventListener('click', () => {
    choice = CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length] ?? 'auto';
    try {
      localStorage.setItem(KEY, choice);
    } catch {
      // A page from a file may have no storage; the choice lasts as long as the page then.
    }
    apply();
  });
  system.addEventListener('change', apply);
  apply();
}

const CHOICES = ['auto', 'light', 'dark'] as const;
const KEY = 'tridot-theme';

function stored(): (typeof CHOICES)[number] {
  try {
    return CHOICES.find((choice) => choice === localStorage.getItem(KEY)) ?? 'auto';
  } catch {
    return 'auto';
  }
}
