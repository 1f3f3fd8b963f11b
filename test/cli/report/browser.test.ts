import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { reportPage } from '../../../src/cli/report/page.ts';
import type { Report } from '../../../src/cli/report/report.ts';
import { chromium, openPage, type Page } from '../../support/browser.ts';
import { usual } from './reports.ts';

/** A report's page in a browser. */
async function opened(report: Report): Promise<{ page: Page; url: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'zksh-report-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'report.html');
  await writeFile(file, reportPage(report));
  return { page: await openPage(`file://${file}`), url: `file://${file}` };
}

/** Elements that stick out of the window, and texts that stick out of their charts. */
const OVERFLOWING = `(() => {
  const wide = document.documentElement.clientWidth;
  const scrolled = (element) => element.closest('.card') !== null;
  const out = [...document.querySelectorAll('main *')].filter((element) => !scrolled(element) && element.getBoundingClientRect().right > wide + 1);
  const texts = [...document.querySelectorAll('.chart text')].filter((text) => {
    const [inner, outer] = [text.getBoundingClientRect(), text.ownerSVGElement.getBoundingClientRect()];
    return inner.left < outer.left - 1 || inner.right > outer.right + 1 || inner.bottom > outer.bottom + 1;
  });
  return [...out, ...texts].map((element) => element.outerHTML.slice(0, 120)).concat(document.documentElement.scrollWidth > wide ? ['the page'] : []);
})()`;

const COUNT = (selector: string) => `document.querySelectorAll(${JSON.stringify(selector)}).length`;
const BACKGROUND = 'getComputedStyle(document.body).backgroundColor';

describe.skipIf(chromium === undefined)('a report in a browser', { timeout: 60_000 }, () => {
  it('shows members, findings and charts, says nothing on the console, and asks for nothing else', async () => {
    const { page, url } = await opened(usual());
    await page.look({ width: 1200 });
    expect(await page.evaluate(COUNT('#members tbody tr'))).toBe(3);
    expect(await page.evaluate(COUNT('#findings .finding'))).toBe(4);
    expect(await page.evaluate(COUNT('#charts figure svg.chart'))).toBe(10);
    const drawn = await page.evaluate<number>(
      `[...document.querySelectorAll('.line')].filter((line) => getComputedStyle(line).stroke.startsWith('rgb') && line.getBoundingClientRect().width > 0).length`,
    );
    expect(drawn).toBeGreaterThan(40);
    expect(await page.evaluate('document.title')).toBe('ZooKeeper ensemble prod, 2026-01-02 03:04 UTC');
    expect(page.complaints).toEqual([]);
    expect(page.requests).toEqual([url]);
  });

  it.each([1200, 800, 380])('fits a window of %i pixels', async (width) => {
    const { page } = await opened(usual({ name: `${'zookeeper-with-a-long-name.example.com:2181,'.repeat(5)}` }));
    await page.look({ width });
    expect(await page.evaluate(OVERFLOWING)).toEqual([]);
  });

  it.each([
    [1200, 'screen'],
    [720, 'print'],
  ] as const)('has no table that must be scrolled on %i pixels of %s', async (width, media) => {
    const { page } = await opened(usual());
    await page.look({ width, media });
    const scrolled = `[...document.querySelectorAll('.card')].filter((card) => card.scrollWidth > card.clientWidth).map((card) => card.parentElement.id)`;
    expect(await page.evaluate(scrolled)).toEqual([]);
  });

  it('is dark where a person likes it dark, and light on paper', async () => {
    const { page } = await opened(usual());
    const colours = [];
    for (const how of [{ scheme: 'light' }, { scheme: 'dark' }, { scheme: 'dark', media: 'print' }] as const) {
      await page.look({ width: 1200, ...how });
      colours.push(await page.evaluate(BACKGROUND));
    }
    expect(colours).toEqual(['rgb(246, 247, 249)', 'rgb(20, 23, 27)', 'rgb(255, 255, 255)']);
  });

  it('lets no script of a server run', async () => {
    const evil = '<script>document.title="evil"</script><img src="http://192.0.2.1/x" onerror="document.title=1">';
    const { page, url } = await opened(usual({ name: evil, command: evil }));
    await page.look({ width: 800 });
    expect(await page.evaluate(COUNT('script, img'))).toBe(0);
    expect(await page.evaluate('document.title')).toContain('<script>');
    expect(page.requests).toEqual([url]);
  });
});
