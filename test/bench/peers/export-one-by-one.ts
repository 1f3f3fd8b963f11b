import { createWriteStream } from 'node:fs';
import { connect } from '../../../src/index.ts';
import { streamSink } from '../../../src/output/sink.ts';
import { exportTree } from '../../../src/znodes/export.ts';
import { ExportWriter } from '../../../src/znodes/ndjson-writer.ts';

/** An export without ACLs as from a server before 3.6: a request for each znode. Usage: SERVER ROOT FILE */
const [server = '', root = '', file = ''] = process.argv.slice(2);
const client = await connect(server);
const stream = createWriteStream(file);
const sink = streamSink(stream);
const writer = new ExportWriter({ write: (bytes) => sink.write(bytes) });
await exportTree(client, root, writer, { acl: false, oneByOne: true });
await sink.flush();
await client.close();
stream.end();
