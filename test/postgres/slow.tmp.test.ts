import t from 'tap'
t.test('slow', async t => { console.error('URL'); await new Promise(r => setTimeout(r, 20000)) })
