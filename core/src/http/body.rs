//! What a request carries: bytes, or parts some of which stay in their files until they are sent.

use bytes::Bytes;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

/// So much of a file is read at a time.
const CHUNK: u64 = 128 * 1024;

#[derive(Clone, Debug)]
pub enum Body {
    Whole(Bytes),
    Parts(Arc<[Part]>),
}

#[derive(Clone, Debug)]
pub enum Part {
    Bytes(Bytes),
    /// `length` bytes of a file, from `from` on.
    File {
        file: Arc<File>,
        from: u64,
        length: u64,
    },
}

impl Default for Body {
    fn default() -> Self {
        Self::Whole(Bytes::new())
    }
}

impl Body {
    /// Of parts: one body in memory if none of them is in a file.
    pub fn of(parts: Vec<Part>) -> Self {
        if parts.iter().any(|part| matches!(part, Part::File { .. })) {
            return Self::Parts(parts.into());
        }
        let bytes: Vec<&[u8]> = parts
            .iter()
            .map(|part| match part {
                Part::Bytes(bytes) => &bytes[..],
                Part::File { .. } => &[],
            })
            .collect();
        Self::Whole(bytes.concat().into())
    }

    pub fn len(&self) -> u64 {
        match self {
            Self::Whole(bytes) => bytes.len() as u64,
            Self::Parts(parts) => parts.iter().map(Part::len).sum(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes that are in memory, up to `most` of them.
    pub fn small(&self, most: usize) -> Option<&[u8]> {
        match self {
            Self::Whole(bytes) if bytes.len() <= most => Some(bytes),
            _ => None,
        }
    }

    /// The bytes from `at` on, as many as are had at once; none at the end.
    pub fn chunk(&self, mut at: u64) -> io::Result<Bytes> {
        match self {
            Self::Whole(bytes) => Ok(bytes.slice((at as usize).min(bytes.len())..)),
            Self::Parts(parts) => {
                for part in parts.iter() {
                    if at < part.len() {
                        return part.chunk(at);
                    }
                    at -= part.len();
                }
                Ok(Bytes::new())
            }
        }
    }
}

impl Part {
    fn len(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File { length, .. } => *length,
        }
    }

    fn chunk(&self, at: u64) -> io::Result<Bytes> {
        match self {
            Self::Bytes(bytes) => Ok(bytes.slice(at as usize..)),
            Self::File { file, from, length } => {
                let mut chunk = vec![0; CHUNK.min(length - at) as usize];
                file.read_exact_at(&mut chunk, from + at)?;
                Ok(chunk.into())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_read_one_after_the_other_and_files_from_where_they_stood() {
        let path = std::env::temp_dir().join(format!("sonagi-body-{}", std::process::id()));
        std::fs::write(&path, [b"skip", &vec![b'x'; 200_000][..]].concat()).unwrap();
        let file = Arc::new(File::open(&path).unwrap());
        std::fs::remove_file(&path).unwrap();
        let body = Body::of(vec![
            Part::Bytes("head".into()),
            Part::File { file: file.clone(), from: 4, length: 200_000 },
            Part::Bytes("tail".into()),
        ]);
        assert_eq!((body.len(), body.small(1 << 20)), (200_008, None));
        let (mut read, mut at) = (Vec::new(), 0);
        loop {
            let chunk = body.chunk(at).unwrap();
            if chunk.is_empty() {
                break;
            }
            assert!(chunk.len() as u64 <= CHUNK);
            at += chunk.len() as u64;
            read.extend_from_slice(&chunk);
        }
        assert_eq!(read, [b"head", &vec![b'x'; 200_000][..], b"tail"].concat());
        let longer = Body::of(vec![Part::File { file, from: 0, length: 300_000 }]);
        assert!(longer.chunk(199_000).is_err());
    }

    #[test]
    fn parts_in_memory_are_one_body() {
        let body = Body::of(vec![Part::Bytes("a".into()), Part::Bytes("b".into())]);
        assert_eq!(body.small(2), Some(&b"ab"[..]));
        assert!(Body::default().is_empty());
    }
}
