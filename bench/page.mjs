// From the key to the first thumbnails: Chromium searches a server that runs, as a person does, and says how long the pictures took.
// npm install playwright-core && node bench/page.mjs http://127.0.0.1:8080 [rounds]
import { chromium } from 'playwright-core';

const [address = 'http://127.0.0.1:8080', rounds = '60'] = process.argv.slice(2);
const subjects = ['dog', 'house', 'star', 'red car', 'two cats', 'tree', 'heart', 'boat', 'sun', 'flower', 'bird', 'cup'];
const places = ['on grass', 'at night', 'on the left', 'in the snow', 'by the sea'];

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'] });
const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });

// The clock starts with Enter, before the page hears of it, and ends with the frame that shows the first thumbnail, and all in sight, of the new search.
await page.addInitScript(() => {
  addEventListener('keydown', event => {
    if (event.key === 'Enter') {
      sessionStorage.pressed = JSON.stringify({ at: Date.now(), words: event.target.value });
      sessionStorage.removeItem('seen');
    }
  }, true);
  const look = () => {
    const pressed = JSON.parse(sessionStorage.pressed ?? 'null');
    if (pressed && !sessionStorage.seen && new URLSearchParams(location.search).get('q') === pressed.words) {
      const inSight = [...document.querySelectorAll('.grid img')].filter(image => image.getBoundingClientRect().top < innerHeight);
      const ready = inSight.filter(image => image.complete && image.naturalWidth > 0);
      if (ready.length > 0 && !sessionStorage.first) {
        sessionStorage.first = Date.now() - pressed.at;
      }
      if (inSight.length > 0 && ready.length === inSight.length) {
        sessionStorage.seen = JSON.stringify({ first: Number(sessionStorage.first), all: Date.now() - pressed.at, pictures: inSight.length });
        sessionStorage.removeItem('first');
      }
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
});

await page.goto(address);
const images = (await (await page.request.get(address + '/api/status')).json()).indexed;
const times = [];
for (let i = 0; i < Number(rounds); i++) {
  const words = `${subjects[i % subjects.length]} ${places[Math.floor(i / subjects.length) % places.length]}`;
  await page.fill('#q', words);
  await page.press('#q', 'Enter');
  await page.waitForFunction(() => sessionStorage.seen, null, { polling: 'raf' });
  times.push(JSON.parse(await page.evaluate(() => sessionStorage.seen)));
}
await browser.close();

const quantile = (values, share) => values.sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))];
for (const kind of ['first', 'all']) {
  const values = times.map(t => t[kind]);
  console.log(`page_${kind}_p50_ms ${quantile(values, .5)}  page_${kind}_p95_ms ${quantile(values, .95)}`);
}
console.log(`${images} images, ${times.length} searches, ${times[0].pictures} pictures in sight`);
