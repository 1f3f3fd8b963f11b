import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** To standard output, which is the member's log file: what the JVM itself says ends up there too. */
const LOG4J = `log4j.rootLogger=INFO, console
log4j.appender.console=org.apache.log4j.ConsoleAppender
log4j.appender.console.layout=org.apache.log4j.PatternLayout
log4j.appender.console.layout.ConversionPattern=%d{ISO8601} [myid:%X{myid}] - %-5p [%t:%C{1}@%L] - %m%n
`;

const LOGBACK = `<configuration>
  <statusListener class="ch.qos.logback.core.status.NopStatusListener"/>
  <appender name="console" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%d{ISO8601} [myid:%X{myid}] - %-5p [%t:%C{1}@%L] - %m%n</pattern></encoder>
  </appender>
  <root level="INFO"><appender-ref ref="console"/></root>
</configuration>
`;

/** The class path entry with the configuration of the log back-end. */
export function logConfigDirectory(ensembleDir: string): string {
  return join(ensembleDir, 'log-config');
}

/** Writes the configuration of both log back-ends; each ignores the other's. */
export async function writeLogConfig(ensembleDir: string): Promise<void> {
  const directory = logConfigDirectory(ensembleDir);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFile(join(directory, 'log4j.properties'), LOG4J);
  await writeFile(join(directory, 'logback.xml'), LOGBACK);
}
