"use strict";
// Marks in lanes of time, laid out for the width of the page, the period and the events that its
// reader chose. The rules are those of normlib/figures/lanes.py: marks that would touch stand above
// each other, and where that would be too deep, those of one tone stand as one with their count.
const Lanes = (function () {
  const DAY = 864e5, SHORTEST = 14, LETTER = 6.5;
  const words = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
  const said = (day) => words.format(new Date(day * DAY));
  const count = (number) => number.toLocaleString("en-US");
  const safe = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

  // ---- geometry, in pixels from the left edge of a panel

  function placed(at, events, panel) {
    const known = events.from[at] !== null, to = events.to[at], begins = known ? events.from[at] : to;
    if (panel.whole ? panel.early ? begins >= panel.last : panel.outlier === null && begins < panel.first
                    : begins > panel.last || to < panel.first) return null;
    const within = (day) => Math.min(Math.max(day, panel.first), panel.last);
    const far = panel.outlier !== null && to < panel.first;
    const first = far ? panel.outlier : within(known ? begins : panel.left), last = far ? panel.outlier : within(to);
    const pixel = (day) => (day - panel.left) * panel.scale;
    const from = pixel(first), until = pixel(last), x = known ? (from + until) / 2 : until;
    return { at: at, from: from, until: until, x: x };
  }

  function heaps(items, deepest, mark) {
    const found = [];
    let heap = null, free, edge, last;
    for (const item of items) {
      if (!heap || item.left >= edge) {
        heap = { items: [], deep: false };
        found.push(heap);
        free = [];
        edge = last = -Infinity;
      }
      heap.items.push(item);
      edge = Math.max(edge, item.right);
      last = Math.max(last, item.x);
      if (!heap.deep) {
        const open = free.findIndex((end) => end <= item.left);
        item.row = open < 0 ? free.length : open;
        free[item.row] = item.right;
        heap.deep = item.row >= deepest;
      }
      if (heap.deep) edge = Math.max(edge, last - mark / 2 + room(heap.items.length, mark));
    }
    return found;
  }

  function room(number, mark) {
    return mark + 8 + LETTER * count(number).length;
  }

  function folded(items, events, sizes, rows) {
    const ordered = items.sort((one, other) => one.x - other.x || one.at - other.at);
    const wide = room(items.length, sizes.mark), pieces = [];
    let begins = -Infinity;
    for (const item of ordered) {
      if (item.x >= begins + wide) {
        pieces.push([]);
        begins = item.x;
      }
      pieces[pieces.length - 1].push(item);
    }
    // Each piece stands at its middle event, unless the next one needs the room.
    let limit = Infinity;
    return pieces.reverse().flatMap(function (piece) {
      const place = Math.min(piece[piece.length >> 1].x, limit);
      limit = place - wide;
      const tones = [...new Set(piece.map((item) => events.tone[item.at]))].sort((one, other) => other - one);
      const step = Math.min(sizes.step, rows / tones.length);
      return tones.map(function (tone, at) {
        const group = piece.filter((item) => events.tone[item.at] === tone);
        const alone = Math.min(Math.max(group[0].x, place), place + wide - sizes.mark);
        return { x: group.length > 1 ? place : alone, row: at * step, items: group, folded: true };
      });
    });
  }

  // Every event that is kept stands in exactly one of the marks.
  function marks(events, kept, panel) {
    const sizes = events.sizes, half = sizes.mark / 2, lanes = events.lanes.map(() => []);
    for (const at of kept) {
      const item = placed(at, events, panel);
      if (!item) continue;
      item.left = Math.min(item.from, item.x - half);
      item.right = Math.max(item.until, item.x + half);
      lanes[events.lane[at]].push(item);
    }
    return lanes.flatMap(function (items, number) {
      const lane = events.lanes[number], rows = (lane.height - sizes.pad) / sizes.row;
      items.sort((one, other) => one.left - other.left || one.at - other.at);
      return heaps(items, Math.min(sizes.deepest, Math.floor(rows)), sizes.mark).flatMap(function (heap) {
        const found = heap.deep ? folded(heap.items, events, sizes, rows)
          : heap.items.map((item) => ({ x: item.x, row: item.row, items: [item], folded: false }));
        for (const mark of found) mark.y = lane.bottom + sizes.pad / 2 + (mark.row + 0.5) * sizes.row;
        return found;
      });
    });
  }

  // ---- what plotly draws

  function traces(events, found, panel) {
    const day = (pixel) => (panel.left + pixel / panel.scale) * DAY;
    return events.tones.flatMap(function (tone, number) {
      const own = found.filter((mark) => events.tone[mark.items[0].at] === number);
      const wide = own.filter((mark) => !mark.folded && mark.items[0].from < mark.items[0].until);
      const common = { type: "scatter", xaxis: panel.x, yaxis: panel.y, showlegend: false, name: tone.label };
      const looks = own.map((mark) => look(events, mark, tone));
      return [
        { ...common, mode: "lines", hoverinfo: "skip", line: { color: tone.colour, width: 2.5 },
          x: wide.flatMap(({ items: [item] }) => [day(item.from), day(item.until), null]),
          y: wide.flatMap((mark) => [mark.y, mark.y, null]) },
        { ...common, mode: "markers+text", cliponaxis: false, x: own.map((mark) => day(mark.x)), y: own.map((mark) => mark.y),
          marker: { symbol: looks.map((one) => one.symbol), size: looks.map((one) => one.size), color: tone.colour, opacity: 1,
            line: { width: looks.map((one) => one.width), color: looks.map((one) => one.edge) } },
          text: own.map(({ items }) => items.length > 1 ? count(items.length) : ""), textposition: "middle right",
          textfont: { size: 11, color: events.ink }, customdata: own.map((mark) => leads(events, mark)),
          hovertext: own.map((mark) => hover(events, mark, tone)), hovertemplate: "%{hovertext}<extra></extra>" },
      ];
    });
  }

  function look(events, mark, tone) {
    if (mark.items.length > 1) return { symbol: tone.symbol, size: 10, width: 1.2, edge: tone.colour };
    const at = mark.items[0].at, numbered = events.round[at] !== undefined;
    return { symbol: tone.symbol + (events.vague.has(at) ? "-open" : ""), size: numbered ? 11 : 8,
      width: numbered ? 2.5 : 1.2, edge: numbered ? events.ink : tone.colour };
  }

  function leads(events, mark) {
    const ats = mark.items.map((item) => item.at), first = `${events.table}/${events.key[ats[0]]}`;
    if (ats.length < 2) return [first];
    const from = ats.reduce((day, at) => Math.min(day, events.from[at] ?? events.to[at]), Infinity);
    return ["", first, from, ats.reduce((day, at) => Math.max(day, events.to[at]), -Infinity)];
  }

  function hover(events, mark, tone) {
    const ats = mark.items.map((item) => item.at);
    if (ats.length > 1) {
      const titles = ats.slice(0, 4).map((at) => safe(events.title[at]));
      const more = ats.length > 4 ? [`and ${count(ats.length - 4)} more`] : [];
      return [`<b>${count(ats.length)} ${tone.label} ${events.noun[1]}</b>`, ...titles, ...more, "(click to come closer)"].join("<br>");
    }
    const [at] = ats, [sectors, kinds] = events.columns, names = (column) => column.of[at].map((one) => column.options[one]).join(", ");
    const round = events.round[at] === undefined ? "" : `Round ${events.round[at]} · `;
    return `<b>${safe(events.title[at])}</b><br>${round}${safe(events.when[at])} · ${safe(names(kinds))}, ${tone.label}<br>${safe(names(sectors))}`;
  }

  // ---- phases and rounds where only a period is shown

  function wrapped(text, width) {
    const letters = Math.floor(width / 5.7), lines = [];
    for (const word of text.split(" ")) {
      const last = lines.length - 1;
      if (last >= 0 && lines[last].length + 1 + word.length <= letters) lines[last] += " " + word;
      else lines.push(word);
    }
    return lines.length <= 4 && lines.every((line) => line.length <= letters) ? lines : [];
  }

  function background(events, panel) {
    const axes = { xref: panel.x, yref: panel.y }, day = (value) => value * DAY, shapes = [], notes = [];
    const light = { color: "#d7dade", width: 1 }, dots = { color: "#5f6368", width: 1, dash: "dot" };
    for (const phase of events.phases) {
      const first = Math.max(phase.first, panel.left), last = Math.min(phase.last ?? panel.right, panel.right);
      if (first >= last) continue;
      const ends = { ...axes, layer: "below", x0: day(first), x1: day(last), y0: 0, y1: events.bands };
      shapes.push({ ...ends, type: "rect", line: { width: 0 }, fillcolor: phase.number % 2 ? "#ffffff" : "#f1f3f5" });
      shapes.push({ ...ends, type: "line", x1: day(first), line: light });
      const width = (last - first) * panel.scale, lines = wrapped(`${phase.number} ${phase.title}`, width - 6);
      const text = lines.length ? lines.map(safe).join("<br>").replace(/^\d+/, "<b>$&</b>") : width > 16 ? `<b>${phase.number}</b>` : "";
      if (text) notes.push({ ...axes, text: text, x: day((first + last) / 2), y: (events.top + events.bands) / 2, showarrow: false, font: { size: 11, color: "#5f6368" } });
    }
    for (const y of [...events.lanes.map((lane) => lane.bottom), events.top]) {
      shapes.push({ ...axes, layer: "below", type: "line", x0: day(panel.left), x1: day(panel.right), y0: y, y1: y, line: light });
    }
    for (const round of events.rounds.filter((one) => one.day >= panel.left && one.day <= panel.right)) {
      shapes.push({ ...axes, layer: "below", type: "line", x0: day(round.day), x1: day(round.day), y0: 0, y1: events.top, line: dots });
    }
    return { shapes: shapes, notes: notes };
  }

  function strip(events, panel) {
    const rounds = events.rounds, end = (panel.right - panel.left) * panel.scale, height = events.bands + 26;
    if (!rounds.length) return { traces: [], notes: [] };
    const day = (pixel) => (panel.left + pixel / panel.scale) * DAY, apart = 22;
    const places = rounds.map((round) => (round.day - panel.left) * panel.scale);
    const inside = places.map((place) => place >= 0 && place <= end);
    const seen = rounds.map((_, at) => at).filter((at) => inside[at]);
    let least = 0.75 * apart, most = end - apart / 2;
    for (const at of seen) least = (places[at] = Math.max(places[at], least)) + apart;
    for (const at of seen.toReversed()) most = (places[at] = Math.min(places[at], most)) - apart;
    const axes = { type: "scatter", xaxis: panel.x, yaxis: panel.y, showlegend: false }, line = { color: events.ink, width: 1 };
    const begins = Math.min(Math.max(places[0], 0), end), notes = [];
    rounds.forEach(function (round, at) {
      const from = Math.max(places[at], 0), until = Math.min(at + 1 < places.length ? places[at + 1] : end, end);
      if (until - from > LETTER * round.gap.length + apart) {
        notes.push({ xref: panel.x, yref: panel.y, text: round.gap, x: day((from + until) / 2), y: height + 20, showarrow: false, font: { size: 12, color: events.ink } });
      }
    });
    return { notes: notes, traces: [
      { ...axes, mode: "lines", hoverinfo: "skip", line: { ...line, width: 1.5 }, x: [day(begins), day(end)], y: [height, height] },
      { ...axes, mode: "lines", hoverinfo: "skip", line: line, x: seen.flatMap((at) => [day(places[at]), rounds[at].day * DAY, null]),
        y: seen.flatMap(() => [height, events.bands + 1, null]) },
      { ...axes, mode: "markers+text", marker: { symbol: "circle", size: 19, color: events.ink }, text: seen.map((at) => String(rounds[at].round)),
        textfont: { color: events.paper, size: 12 }, x: seen.map((at) => day(places[at])), y: seen.map(() => height),
        customdata: seen.map((at) => [`${events.table}/${rounds[at].key}`]), hovertemplate: "Round %{text}<extra></extra>" },
    ] };
  }

  // ---- what a reader chooses

  function element(name, properties, ...children) {
    const node = Object.assign(document.createElement(name), properties);
    node.append(...children);
    return node;
  }

  function put(target, path, value) {
    const keys = path.split(/[.[\]]+/).filter(Boolean), last = keys.pop();
    keys.reduce((node, key) => node[key] ??= {}, target)[last] = value;
  }

  class Chosen {
    constructor(box, figure, page) {
      Object.assign(this, { box: box, figure: figure, page: page, events: figure.marks, period: null });
      const events = this.events;
      events.vague = new Set(events.vague);
      this.all = events.key.map((_, at) => at);
      this.span = [Math.min(...events.panels.map((panel) => panel.first)), Math.max(...events.panels.map((panel) => panel.last))];
      box.classList.add("spread");
      this.offer();
      this.choose();
    }

    // ---- controls

    offer() {
      const events = this.events;
      this.lists = events.lists.map(([label, number]) => {
        const column = events.columns[number], list = this.list(label);
        list.add(new Option("all", ""));
        column.options.forEach((option, at) => list.add(new Option(`${option} (${count(column.counts[at])})`, at)));
        list.addEventListener("change", () => this.changed());
        return list;
      });
      this.periods = this.list("Period");
      this.periods.add(new Option("whole record", ""));
      events.phases.forEach((phase, at) => this.periods.add(new Option(`Phase ${phase.number}: ${phase.title}`, at)));
      this.other = new Option("another period", "other");
      this.other.disabled = this.other.hidden = true;
      this.periods.add(this.other);
      this.periods.addEventListener("change", () => this.show(this.phase(this.periods.value)));
      const steps = [["Earlier", () => this.move(-0.5)], ["Later", () => this.move(0.5)], ["Closer", () => this.zoom(0.5)], ["Further", () => this.zoom(2)], ["Show all", () => this.reset()]];
      this.buttons = steps.map(([label, act]) => {
        const button = element("button", { type: "button", textContent: label });
        button.addEventListener("click", act);
        return button;
      });
      this.words = element("p", {});
      this.words.setAttribute("role", "status");
      const labels = [...this.lists, this.periods].map((list) => list.parentElement);
      const group = element("div", { className: "choices lanes" }, ...labels, element("div", { className: "steps" }, ...this.buttons), this.words);
      group.setAttribute("role", "group");
      group.setAttribute("aria-label", `Which ${events.noun[1]} and which period the figure shows`);
      this.box.before(group);
    }

    list(label) {
      const list = element("select", { name: label });
      element("label", {}, label + " ", list);
      return list;
    }

    phase(value) {
      const phase = this.events.phases[value];
      return value === "" || !phase ? null : [phase.first, phase.last ?? this.span[1]];
    }

    // ---- events

    choose() {
      const events = this.events;
      const wanted = events.lists.map(([, number], at) => [events.columns[number].of, this.lists[at].value])
        .filter(([, value]) => value !== "").map(([of, value]) => [of, Number(value)]);
      this.kept = this.all.filter((at) => wanted.every(([of, value]) => of[at].includes(value)));
      this.asked = events.lists.map(([label, number], at) => [label, events.columns[number].options[this.lists[at].value]])
        .filter(([, option]) => option !== undefined).map(([label, option]) => `${label}: ${option}`);
    }

    changed() {
      this.choose();
      this.filter();
      return this.paint();
    }

    // The rows of the same events, in the figure's own table and wherever else on the page.
    filter() {
      const filtered = this.kept.length < this.all.length;
      for (const table of this.tables()) {
        this.page.only(table, filtered ? this.kept : null);
        const old = table.caption.querySelector(".shown");
        if (old) old.remove();
        if (filtered) table.caption.append(element("span", { className: "shown", textContent: ` · Shown: ${this.sentence()}` }));
      }
    }

    tables() {
      const events = this.events, own = this.box.closest("figure").querySelector(".data table");
      const first = this.all.length && document.getElementById(this.page.place(`${events.table}/${events.key[0]}`));
      this.beside ??= [own && own.tBodies[0].rows.length === this.all.length && own, first && first.closest("table")].filter(Boolean);
      return this.beside;
    }

    sentence() {
      const [one, several] = this.events.noun, all = this.all.length, kept = this.kept.length;
      const noun = all === 1 ? one : several;
      return kept === all && !this.asked.length ? `${all === 1 ? "The one" : `All ${count(all)}`} ${noun}.` : `${count(kept)} of ${count(all)} ${noun} (${this.asked.join("; ")}).`;
    }

    reset() {
      this.lists.forEach((list) => { list.selectedIndex = 0; });
      this.period = null;
      return this.changed();
    }

    // ---- period

    show(period) {
      this.period = period;
      return this.paint();
    }

    move(share) {
      const [first, last] = this.period, width = last - first;
      const begins = Math.min(Math.max(first + Math.round(share * width), this.span[0]), this.span[1] - width);
      return this.show([begins, begins + width]);
    }

    zoom(factor) {
      const recent = this.events.panels[this.events.panels.length - 1];
      if (!this.period) return this.show([recent.first, recent.last]);
      const [first, last] = this.period, width = Math.max(SHORTEST, Math.round((last - first) * factor));
      if (width >= this.span[1] - this.span[0]) return this.show(null);
      const begins = Math.min(Math.max(Math.round((first + last - width) / 2), this.span[0]), this.span[1] - width);
      return this.show([begins, begins + width]);
    }

    // A counted mark unfolds; one that cannot leads to the first of its rows, which the others follow.
    clicked([, first, from, until]) {
      const [begins, ends] = this.period || [this.span[0] - 1, this.span[1] + 1];
      const edge = Math.max((SHORTEST - until + from) / 2, 0.15 * (until - from));
      const closer = [Math.max(Math.floor(from - edge), this.period ? begins : -Infinity), Math.min(Math.ceil(until + edge), ends)];
      if (closer[1] - closer[0] < 0.9 * (ends - begins)) return this.show(closer);
      if (ends - begins > SHORTEST) return this.zoom(0.5);
      return this.page.follow(first);
    }

    // ---- the picture

    async draw(width, narrow) {
      this.width = width;
      this.narrow = narrow;
      return this.paint();
    }

    layout() {
      const events = this.events, layout = structuredClone(this.figure.layout), alone = this.period !== null;
      Object.assign(layout, { dragmode: false, width: this.width, autosize: false });
      const patch = Object.entries(this.narrow || {}).filter(([path]) => !alone || !/^(annotations|[xy]axis2?\.)/.test(path) || /font/.test(path));
      patch.forEach(([path, value]) => put(layout, path, value));
      if (!alone) return layout;
      Object.entries(events.alone).forEach(([path, value]) => put(layout, path, value));
      layout.height = events.full + layout.margin.t + layout.margin.b;
      const panel = this.panels()[0];
      for (const name of ["tickvals", "ticktext"]) delete layout.xaxis2[name];
      Object.assign(layout.xaxis2, { range: [panel.left * DAY, panel.right * DAY], nticks: this.narrow ? 3 : 7,
        tickformatstops: [{ dtickrange: [null, "M1"], value: "%-d %b %Y" }, { dtickrange: ["M1", "M12"], value: "%b %Y" }, { dtickrange: ["M12", null], value: "%Y" }] });
      layout.shapes = layout.annotations = [];
      return layout;
    }

    panels() {
      if (!this.period) return this.events.panels.map((panel) => ({ ...panel, whole: true }));
      const [first, last] = this.period, edge = Math.max(1, 0.04 * (last - first));
      return [{ x: "x2", y: "y2", first: first, last: last, left: first - edge, right: last + edge, outlier: null, whole: false }];
    }

    // One drawing at a time, however fast a reader chooses.
    paint() {
      const next = () => this.repaint();
      this.drawing = (this.drawing || Promise.resolve()).then(next, next);
      return this.drawing;
    }

    async repaint() {
      const events = this.events, alone = this.period !== null, layout = this.layout(), config = this.page.config;
      const kept = this.figure.data.filter((trace) => !alone || trace.meta !== "rounds");
      // Plotly draws axes wrong that lie elsewhere than before, unless it begins anew.
      const draw = alone === this.alone ? Plotly.react : Plotly.newPlot;
      await draw(this.box, kept, layout, config);
      if (alone !== this.alone) this.box.on("plotly_click", this.page.clicked);
      this.alone = alone;
      const panels = this.panels(), axes = this.box._fullLayout, shown = [], drawn = [], inLane = events.lanes.map(() => 0);
      for (const panel of panels) {
        panel.scale = axes[panel.x.replace("x", "xaxis")]._length / (panel.right - panel.left);
        const found = marks(events, this.kept, panel);
        drawn.push(...traces(events, found, panel));
        for (const mark of found) for (const item of mark.items) { shown.push(item.at); inLane[events.lane[item.at]] += 1; }
      }
      const extra = alone ? strip(events, panels[0]) : { traces: [], notes: [] };
      if (alone) {
        const behind = background(events, panels[0]);
        Object.assign(layout, { shapes: behind.shapes, annotations: [...behind.notes, ...extra.notes] });
      }
      for (const axis of [layout.yaxis, layout.yaxis2]) {
        if (axis && axis.ticktext) axis.ticktext = axis.ticktext.map((text, at) => at < inLane.length ? `${safe(events.lanes[at].label)} <b>${count(inLane[at])}</b>` : text);
      }
      await Plotly.react(this.box, [...kept, ...extra.traces, ...drawn], layout, config);
      this.box.style.height = layout.height + "px";
      this.shown = new Set(shown);
      this.tell();
    }

    tell() {
      const phase = this.events.phases.findIndex((one, at) => this.period && String(this.phase(at)) === String(this.period));
      this.other.hidden = !this.period || phase >= 0;
      this.periods.value = !this.period ? "" : phase >= 0 ? phase : "other";
      const [earlier, later, closer, further] = this.buttons, [first, last] = this.period || this.span;
      earlier.disabled = !this.period || first <= this.span[0];
      later.disabled = !this.period || last >= this.span[1];
      closer.disabled = last - first <= SHORTEST;
      further.disabled = !this.period;
      const some = this.period ? ` From ${said(first)} to ${said(last)}: ${count(this.shown.size)}.` : "";
      this.words.textContent = this.sentence() + some;
      this.words.classList.toggle("idle", !this.period && !this.asked.length);
    }
  }

  return { of: (box, figure, page) => new Chosen(box, figure, page), marks: marks };
})();
