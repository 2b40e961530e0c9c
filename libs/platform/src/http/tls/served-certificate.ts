import { environmentName } from '../../settings/define-settings.js';
import { SettingsError } from '../../settings/read-settings.js';
import { log } from '../../logging/log.js';
import { type Certificate, type CertificateFiles, checkCertificate, readCertificate } from './certificate.js';

/** How often the files are read. */
const LOOK_MS = 500;
const DAY_MS = 86_400_000;
/** From so many days before its end on, the log warns of a certificate once a day. */
const WARN_DAYS = 14;

/** A server whose certificate can be replaced. Connections that exist keep theirs. */
interface Replaceable {
  setSecureContext(context: Certificate['context']): void;
}

/** The certificate that a server uses now. It follows its files; one that cannot be used leaves the present one in place. */
export class ServedCertificate {
  private seen: string;
  private refused = '';
  private warnedAtMs = -Infinity;
  private timer: NodeJS.Timeout | undefined;

  private constructor(
    private readonly files: CertificateFiles,
    private certificate: Certificate,
    private used: string,
  ) {
    this.seen = used;
  }

  /** @throws SettingsError when it cannot be used */
  static async open(files: CertificateFiles): Promise<ServedCertificate> {
    try {
      const text = await readCertificate(files);
      return new ServedCertificate(files, checkCertificate(text, Date.now()), text.digest);
    } catch (error) {
      const names = `${environmentName('tlsCertFile')}, ${environmentName('tlsKeyFile')}`;
      throw new SettingsError([`${names}: ${(error as Error).message}`]);
    }
  }

  get current(): Certificate {
    return this.certificate;
  }

  /** Follows the files from now on. */
  follow(server: Replaceable, lookMs = LOOK_MS): void {
    log.info(this.certificate.facts, 'certificate loaded');
    this.warnOfEnd(Date.now());
    this.timer = setInterval(() => void this.look(server), lookMs);
    this.timer.unref();
  }

  close(): void {
    clearInterval(this.timer);
  }

  private async look(server: Replaceable): Promise<void> {
    const nowMs = Date.now();
    this.warnOfEnd(nowMs);
    let digest = '';
    try {
      const text = await readCertificate(this.files);
      ({ digest } = text);
      // Two files are not replaced at one moment: only what stands there for two looks is used.
      const isSettled = digest === this.seen;
      this.seen = digest;
      if (!isSettled || digest === this.used || digest === this.refused) return;
      const certificate = checkCertificate(text, nowMs);
      server.setSecureContext(certificate.context);
      this.certificate = certificate;
      [this.used, this.refused, this.warnedAtMs] = [digest, '', -Infinity];
      log.info(certificate.facts, 'certificate replaced');
    } catch (error) {
      this.warnOfProblem(digest, (error as Error).message);
    }
  }

  /** Warns once of each content that cannot be used, and of files that cannot be read. */
  private warnOfProblem(digest: string, problem: string): void {
    const what = digest === '' ? problem : digest;
    if (this.refused === what) return;
    this.refused = what;
    const { validTo } = this.certificate.facts;
    log.warn({ problem, certFile: this.files.certFile, keptValidTo: validTo }, 'certificate not replaced');
  }

  private warnOfEnd(nowMs: number): void {
    const { validToMs, facts } = this.certificate;
    if (validToMs - nowMs > WARN_DAYS * DAY_MS || nowMs - this.warnedAtMs < DAY_MS) return;
    this.warnedAtMs = nowMs;
    log.warn({ ...facts, certFile: this.files.certFile }, 'certificate ends soon');
  }
}
