/// The page's script: what can be done without is done without it.
enum PageScript {
    /// Reads values off the curves themselves.
    ///
    /// They have 10,000 units each way over the axes' ranges, which stand beside them: nothing of
    /// the data is in the page twice.
    static let text = """
        (() => {
        'use strict';
        const root = document.documentElement, theme = document.getElementById('theme');
        const dark = matchMedia('(prefers-color-scheme: dark)');
        const isDark = () => root.dataset.theme ? root.dataset.theme === 'dark' : dark.matches;
        const label = () => { theme.textContent = isDark() ? 'light' : 'dark';
          theme.setAttribute('aria-label', 'switch to ' + theme.textContent + ' colours'); };
        theme.hidden = false;
        theme.onclick = () => { root.dataset.theme = isDark() ? 'light' : 'dark'; label(); };
        dark.addEventListener('change', label);
        label();

        // A way is M x y l dx dy dx dy ...; the answer is a list of pieces, each a list of points.
        const pieces = d => d.split('M').slice(1).map(piece => {
          const n = piece.match(/-?\\d+/g).map(Number), points = [];
          for (let i = 0, x = 0, y = 0; i + 1 < n.length; i += 2)
            points.push([x += n[i], y += n[i + 1]]);
          return points;
        });
        const nearest = (points, x) => {
          let low = 0, high = points.length - 1;
          while (high - low > 1) {
            const middle = (low + high) >> 1;
            if (points[middle][0] <= x) low = middle; else high = middle;
          }
          return x - points[low][0] <= points[high][0] - x ? points[low] : points[high];
        };
        const number = v => v === 0 ? '0' : Math.abs(v) >= 1e6 || Math.abs(v) < 1e-3
          ? v.toExponential(2) : String(+v.toPrecision(4));
        const box = document.getElementById('readout');

        for (const chart of document.querySelectorAll('svg.chart')) {
          // The browser's own tip would cover the read-out; screen readers keep the words.
          const title = chart.querySelector(':scope > title');
          if (title) { chart.setAttribute('aria-label', title.textContent); title.remove();
            chart.setAttribute('aria-labelledby', ''); chart.removeAttribute('aria-labelledby');
            const words = chart.querySelector(':scope > desc');
            if (words) chart.setAttribute('aria-describedby', words.id); }
          const hit = chart.querySelector('.hit');
          if (!hit) continue;
          const [x0, x1] = hit.dataset.x.split(' ').map(Number);
          const [y0, y1] = hit.dataset.y.split(' ').map(Number);
          const share = hit.dataset.share === '1';
          const value = v => share ? number(v * 100) + ' %' : number(v);
          const up = y => y0 + (1 - y / 10000) * (y1 - y0);
          let lines, cursor;
          const read = () => [...chart.querySelectorAll('path.line')].map(p =>
            ({ name: p.dataset.name, points: pieces(p.getAttribute('d')).flat() }));
          const show = (at, left, top) => {
            lines ??= read();
            const near = lines.map(l => [l.name, nearest(l.points, at * 10000)])
              .filter(([, p]) => Math.abs(p[0] - at * 10000) < 400);
            if (!cursor) {
              cursor = document.createElementNS('http://www.w3.org/2000/svg', 'line');
              cursor.setAttribute('class', 'cursor');
              cursor.setAttribute('y2', hit.getAttribute('height'));
              hit.before(cursor);
            }
            const place = near.length ? near[0][1][0] / 10000 : at;
            for (const end of ['x1', 'x2']) cursor.setAttribute(end, place * 100 + '%');
            const x = x0 + place * (x1 - x0);
            const during = [...chart.querySelectorAll('.during')]
              .filter(g => +g.dataset.from <= x && x <= +g.dataset.to).map(g => g.dataset.name);
            box.textContent = [(hit.dataset.across || 'x') + ' ' + number(x),
              ...near.map(([name, p]) => name + '  ' + value(up(p[1]))), ...during].join('\\n');
            box.hidden = false;
            const width = box.offsetWidth, height = box.offsetHeight;
            box.style.left = Math.max(4, Math.min(innerWidth - width - 4, left + 14)) + 'px';
            box.style.top = Math.max(4, top - height - 10) + 'px';
          };
          const hide = () => { box.hidden = true; if (cursor) { cursor.remove(); cursor = null; } };
          hit.addEventListener('pointermove', e => {
            const r = hit.getBoundingClientRect();
            show((e.clientX - r.left) / r.width, e.clientX, e.clientY);
          });
          hit.addEventListener('pointerleave', hide);
          chart.setAttribute('tabindex', '0');
          let at = 0;
          chart.addEventListener('keydown', e => {
            const step = { ArrowLeft: -1, ArrowRight: 1 }[e.key];
            if (e.key === 'Escape') hide();
            if (!step) return;
            e.preventDefault();
            at = Math.max(0, Math.min(1, at + step * (e.shiftKey ? 0.1 : 0.01)));
            const r = hit.getBoundingClientRect();
            show(at, r.left + at * r.width, r.top);
          });
          chart.addEventListener('blur', hide);
        }
        })();
        """
}
