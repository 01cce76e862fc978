// The whole behaviour of the demonstration site: a list that filters as you type, and a page that shows how it came.
'use strict';

async function showEvents(list) {
  const response = await fetch('/assets/events.json');
  if (!response.ok) throw new Error(`the list of events answered ${response.status}`);
  const events = await response.json();
  const filter = document.getElementById('filter');
  const count = document.getElementById('count');
  const dateFormat = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'long' });

  const render = () => {
    const wanted = filter.value.trim().toLowerCase();
    const found = events.filter((event) =>
      `${event.title} ${event.place} ${event.about}`.toLowerCase().includes(wanted));
    list.replaceChildren(...found.map((event) => card(event, dateFormat)));
    count.textContent = found.length === 1 ? '1 event' : `${found.length} events`;
  };
  filter.addEventListener('input', render);
  render();
}

function card(event, dateFormat) {
  const item = document.createElement('li');
  item.className = 'card';
  const when = document.createElement('time');
  when.dateTime = event.date;
  when.textContent = dateFormat.format(new Date(event.date));
  const title = document.createElement('h3');
  title.textContent = event.title;
  const about = document.createElement('p');
  about.textContent = `${event.place}. ${event.about}`;
  item.append(when, title, about);
  return item;
}

async function showDelivery(facts) {
  const shown = ['x-cache', 'age', 'via', 'x-amz-cf-pop', 'x-amz-cf-id', 'content-encoding', 'etag', 'server'];
  const response = await fetch('/assets/site.css', { cache: 'no-store' });
  const size = (await response.blob()).size;
  const timing = performance.getEntriesByType('resource').filter((entry) => entry.name.endsWith('/assets/site.css')).pop();
  const rows = shown.filter((name) => response.headers.has(name)).map((name) => [name, response.headers.get(name)]);
  if (timing && timing.nextHopProtocol) rows.unshift(['protocol', timing.nextHopProtocol]);
  rows.push(['bytes of /assets/site.css', String(size)]);
  facts.replaceChildren(...rows.flatMap(([name, value]) => {
    const term = document.createElement('dt');
    term.textContent = name;
    const detail = document.createElement('dd');
    detail.textContent = value;
    return [term, detail];
  }));
}

function report(where, error) {
  const note = document.createElement(where.tagName === 'UL' ? 'li' : 'dd');
  note.textContent = `That did not work: ${error.message}`;
  where.replaceChildren(note);
}

document.addEventListener('DOMContentLoaded', () => {
  const list = document.getElementById('events');
  if (list) showEvents(list).catch((error) => report(list, error));
  const facts = document.getElementById('delivery');
  if (facts) {
    const ask = () => showDelivery(facts).catch((error) => report(facts, error));
    document.getElementById('again').addEventListener('click', ask);
    ask();
  }
});
