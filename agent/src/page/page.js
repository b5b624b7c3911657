/* Saves each field as it is left, and puts in what has changed. Everything works without. */
(function () {
  'use strict';
  var form = document.querySelector('form[data-save]');
  var saved = document.getElementById('saved');
  var SECOND = 1000;

  /* ---- What has changed ------------------------------------------------------------ */

  /* The answer is the whole page; only the parts that are marked are put in, so that no
     box loses what is being typed, or its focus. */
  function putIn(text, hasBoxes) {
    var fresh = new DOMParser().parseFromString(text, 'text/html');
    document.querySelectorAll('[data-live]').forEach(function (old) {
      var found = fresh.getElementById(old.id);
      if (found && old.innerHTML !== found.innerHTML && !old.contains(document.activeElement)) {
        old.innerHTML = found.innerHTML;
      }
    });
    if (hasBoxes) {
      fresh.querySelectorAll('.box input').forEach(function (found) {
        var box = document.getElementById(found.id);
        if (!box) { return; }
        if (found.hasAttribute('aria-invalid')) {
          box.setAttribute('aria-invalid', 'true');
        } else {
          box.removeAttribute('aria-invalid');
        }
      });
    }
    return fresh;
  }

  /* ---- Saving ---------------------------------------------------------------------- */

  var known = {};
  var isSaving = false;
  var isFailed = false;
  var later = null;
  var pressed = null;
  var isWaiting = false;

  function boxes() {
    return Array.prototype.filter.call(form.elements, function (box) {
      return box.name.indexOf('f.') === 0 || box.tagName === 'TEXTAREA';
    });
  }

  function unsaved() {
    return boxes().filter(function (box) { return known[box.name] !== box.value; });
  }

  function body(changed) {
    var pairs = [['csrf', form.elements.csrf.value], ['go', 'save']];
    changed.forEach(function (box) { pairs.push([box.name, box.value]); });
    return pairs.map(function (pair) { return pair.map(encodeURIComponent).join('='); }).join('&');
  }

  function say(sentence, failed) {
    isFailed = failed;
    if (saved) {
      saved.textContent = sentence;
      saved.classList.toggle('failed', failed);
      /* Each save need not be read aloud; a failure must be. */
      if (failed) { saved.setAttribute('role', 'alert'); } else { saved.removeAttribute('role'); }
    }
  }

  /* Why the agent did not save: a full disk, say. */
  function reason(text) {
    var said = new DOMParser().parseFromString(text, 'text/html').querySelector('main p');
    return said ? said.textContent : '';
  }

  function save() {
    clearTimeout(later);
    if (isSaving) { return; }
    var changed = unsaved();
    if (!changed.length) { return; }
    isSaving = true;
    if (!isFailed) { say(form.getAttribute('data-saving'), false); }
    var sent = changed.map(function (box) { return [box.name, box.value]; });
    fetch(form.action, {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: body(changed)
    }).then(function (answer) {
      return answer.text().then(function (text) {
        if (!answer.ok) { throw { why: reason(text) }; }
        sent.forEach(function (pair) { known[pair[0]] = pair[1]; });
        say('', false);
        putIn(text, true);
        isSaving = false;
        if (isWaiting) { isWaiting = false; pressed.click(); } else { save(); }
      });
    }).catch(function (fault) {
      isSaving = isWaiting = false;
      say(fault.why || form.getAttribute('data-failed'), true);
      later = setTimeout(save, 3 * SECOND);
    });
  }

  function soon() {
    clearTimeout(later);
    later = setTimeout(save, SECOND);
  }

  /* Enter and the phone's Next go on to the next box, and to the button after the last. */
  function goOn(box) {
    var all = boxes();
    var next = all[all.indexOf(box) + 1] || form.querySelector('button.main');
    next.focus();
    if (next.select) { next.select(); }
  }

  if (form) {
    boxes().forEach(function (box) { known[box.name] = box.defaultValue; });
    form.addEventListener('change', save);
    form.addEventListener('input', soon);
    form.addEventListener('keydown', function (event) {
      if (event.key === 'Enter' && event.target.name && event.target.name.indexOf('f.') === 0) {
        event.preventDefault();
        goOn(event.target);
      }
    });
    form.addEventListener('focusin', function (event) {
      if (event.target.select && event.target.tagName === 'INPUT') { event.target.select(); }
    });
    /* The last chance: the screen goes dark, the browser is put away. */
    document.addEventListener('visibilitychange', function () {
      var changed = document.visibilityState === 'hidden' ? unsaved() : [];
      if (changed.length && navigator.sendBeacon) {
        var kind = { type: 'application/x-www-form-urlencoded' };
        navigator.sendBeacon(form.action, new Blob([body(changed)], kind));
      }
    });
    form.addEventListener('click', function (event) { pressed = event.target; });
    form.addEventListener('submit', function (event) {
      /* A save on its way may carry half a number: it must not come behind the whole. */
      if (isSaving) {
        isWaiting = true;
        event.preventDefault();
        return;
      }
      boxes().forEach(function (box) { known[box.name] = box.value; });
      var main = form.querySelector('button[value="seal"]');
      if (main) { setTimeout(function () { main.disabled = true; }, 0); }
    });
    window.addEventListener('beforeunload', function (event) {
      if (unsaved().length) { event.preventDefault(); event.returnValue = ''; }
    });
    /* A page that the browser kept shows what was saved, not what it kept. */
    window.addEventListener('pageshow', function (event) {
      if (event.persisted) { location.reload(); }
    });
  }

  /* ---- Photos ----------------------------------------------------------------------- */

  var waiting = [];
  var told = '';
  var photo = 0;

  document.documentElement.classList.add('js');

  /* One after the other; each is kept before the next goes. */
  function sendPhotos() {
    var next = waiting[0];
    photo += 1;
    say(saved.getAttribute('data-sending') + ' ' + photo + '/' + (photo + waiting.length - 1) + '…', false);
    fetch(next.to, {
      method: 'POST', credentials: 'same-origin', headers: next.headers, body: next.file
    }).then(function (answer) {
      return answer.text().then(function (text) {
        if (!answer.ok && answer.status !== 422) { throw { why: reason(text) }; }
        var fresh = putIn(text, false);
        told += fresh.getElementById('refused').innerHTML.trim();
        document.getElementById('refused').innerHTML = told;
        waiting.shift();
        say('', false);
        if (waiting.length) { sendPhotos(); }
      });
    }).catch(function (fault) {
      waiting = [];
      say(fault.why || saved.getAttribute('data-failed'), true);
    });
  }

  document.addEventListener('change', function (event) {
    var box = event.target;
    if (!box.hasAttribute('data-photo') || !box.files.length) { return; }
    var headers = {
      'Content-Type': 'application/octet-stream',
      'X-Saksi-Csrf': box.form.elements.csrf.value,
      'X-Saksi-Origin': box.name
    };
    if (box.form.elements.instead) { headers['X-Saksi-Instead'] = box.form.elements.instead.value; }
    var isIdle = !waiting.length;
    Array.prototype.forEach.call(box.files, function (file) {
      waiting.push({ to: box.form.action, headers: headers, file: file });
    });
    box.value = '';
    box.blur();
    if (isIdle) { told = ''; photo = 0; sendPhotos(); }
  });

  window.addEventListener('beforeunload', function (event) {
    if (waiting.length) { event.preventDefault(); event.returnValue = ''; }
  });

  /* ---- Live states ------------------------------------------------------------------ */

  function look() {
    if (document.visibilityState === 'hidden') { return again(); }
    fetch(location.href, { credentials: 'same-origin' }).then(function (answer) {
      return answer.ok ? answer.text() : Promise.reject(answer.status);
    }).then(function (text) {
      var fresh = putIn(text, false);
      if (fresh.body.hasAttribute('data-moving')) { again(); }
    }).catch(again);
  }

  function again() { setTimeout(look, 2 * SECOND); }

  if (document.body.hasAttribute('data-moving')) { again(); }

  /* ---- Where to go on ---------------------------------------------------------------- */

  /* What is wrong is read first; a link to a box leads into it. */
  function aim() {
    var place = document.getElementById('faults');
    if (location.hash) { place = document.getElementById(decodeURIComponent(location.hash.slice(1))); }
    if (place) { place.focus(); }
  }

  window.addEventListener('hashchange', aim);
  aim();
}());
