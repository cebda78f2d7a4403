"""What is written into every bag for whoever opens it in thirty years, without this program."""

README = """\
{exam_zh} · 考试档案
{exam_en} · archive of the examination

内容 What is here
  data/catalogue.csv            目录：文件、阶段、内容、行数、校验值（SHA-256）、保管期限类别、保管至
                                the catalogue: file, stage, content, rows, checksum, retention class, keep until
  data/<stage>/<table>.jsonl    各阶段的记录，每行一条 JSON，按主键排列，UTF-8
                                the records of each stage: one JSON object a line, by primary key
  data/audit/events.jsonl       本次考试的审计事件 the exam's audit events
  data/audit/leaves.txt         整个日志的叶散列，按序号 the leaf hashes of the whole log, in order
  data/audit/checkpoint.txt     已签名的检查点（C2SP checkpoint）the signed checkpoint
  data/audit/verifier.txt       验证签名的公钥（C2SP signed note）the public key that verifies it
  data/results/registers/       各考区合格人员名册（PDF、电子表格）the registers of passes as sent

完整性 Integrity
  本文件夹是 BagIt 1.0（RFC 8493）包。tagmanifest-sha256.txt 的 SHA-256 在封存时记入审计日志。
  This folder is a BagIt 1.0 bag (RFC 8493). The SHA-256 of tagmanifest-sha256.txt was recorded in the audit log when it was
  sealed; a bag whose tag manifest has another hash is not the one that was sealed.

个人信息 Personal data
  数据库中加密保存的字段（身份证号、电话、电子邮箱、地址、报名历史版本）不以明文归档：
  身份证号和电话写成 {{"masked": 遮盖后的号码, "index": 密钥索引}}，其他字段只写 {{"index": 密钥索引}}。
  密钥索引是 HMAC-SHA256 的前16字节（十六进制）；持有本系统索引密钥的人可以用它查找某个号码或证明某段内容，别人不能反推。
  What the database keeps sealed (identity numbers, telephones, e-mail, addresses, versions of registrations) is not archived
  in clear. Identity numbers and telephones are written as {{"masked": …, "index": …}}, other fields as {{"index": …}} alone.
  The index is the first 16 bytes of an HMAC-SHA256, in hex: whoever holds the installation's index key can look a number up
  or prove a content by it; nobody else can turn it back. Names, points and decisions stand as they are in the tables.
  照片不在包内，registration 中的 photo_sha256 是其校验值。
  Photos are not in the bag; photo_sha256 in the registration records is their checksum.

审计证明 Proof
  每行 {{"event": …, "hash": …, "leaf": …, "mac": …}}。把 event 写成键排序、无空格、UTF-8 的 JSON，前置字节 0x00，取 SHA-256，
  应等于 hash，也等于 leaves.txt 第 leaf 行（从0起）。
  对 leaves.txt 前 N 行按 RFC 6962 求树根，应等于检查点中的根，N 是检查点的大小。
  leaf 为 null 的事件在封存时还没有排入日志树：{unplaced} 条。
  Write event as JSON with sorted keys, without blanks, UTF-8; put the byte 0x00 before it; its SHA-256 equals hash and line
  leaf (from 0) of leaves.txt. The RFC 6962 root of the first N lines equals the root in the checkpoint, N being its size.
  Events with leaf null had no place in the tree yet when the bag was sealed: {unplaced}.
"""
