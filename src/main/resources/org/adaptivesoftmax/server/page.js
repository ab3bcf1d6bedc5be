import * as attempt from './try.js';
import * as comparison from './compare.js';
import { byId } from './dom.js';
import { loadModels, told } from './server.js';
import * as live from './watch.js';

const VIEWS = ['try', 'watch', 'compare'];
let watch;

function show() {
  const asked = VIEWS.find((one) => '#' + one === location.hash);
  const view = asked ?? VIEWS.find((one) => !byId(one).hidden);
  for (const one of VIEWS) {
    byId(one).hidden = one !== view;
    const link = document.querySelector('nav a[href="#' + one + '"]');
    if (one === view) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  if (view === 'watch') watch();
}

/** Versions come and go while the page is open. */
async function refresh() {
  await loadModels();
  attempt.offerModels();
  live.offerModels();
  comparison.offerVersions();
}

async function start() {
  await told(async () => {
    await refresh();
    show();
  });
}

attempt.prepare();
comparison.prepare();
watch = live.prepare(() => told(refresh));
byId('token-form').addEventListener('submit', (event) => {
  event.preventDefault();
  sessionStorage.setItem('token', byId('token').value);
  start();
});
window.addEventListener('hashchange', () => {
  show();
  told(refresh);
});
start();
