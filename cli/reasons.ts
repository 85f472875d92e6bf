/** Why a file or a folder could not be written, for people. */
export function reasonOf(error: unknown): string {
  return tell(error, ofWriting);
}

/** Likewise why it could not be read. */
export function reasonOfReading(error: unknown): string {
  return tell(error, ofReading);
}

function tell(error: unknown, own: Readonly<Record<string, string>>): string {
  const {code = '', message} = error as NodeJS.ErrnoException;
  return own[code] ?? ofBoth[code] ?? message;
}

const ofBoth: Readonly<Record<string, string>> = {
  ENOTDIR: 'part of the path is not a folder',
  EISDIR: 'is a folder, not a file',
  ENAMETOOLONG: 'is too long for a name',
  ELOOP: 'is a link that leads to itself',
};

const ofReading: Readonly<Record<string, string>> = {
  EACCES: 'may not be read',
  EPERM: 'may not be read',
  ENOENT: 'is missing',
  ERR_FS_FILE_TOO_LARGE: 'is too large',
};

const ofWriting: Readonly<Record<string, string>> = {
  EACCES: 'may not be written to',
  EPERM: 'may not be written to',
  EROFS: 'is on a read-only disk',
  ENOENT: 'no file can be made there',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'a file would be larger than is allowed here',
  EEXIST: 'is a file, not a folder',
};
