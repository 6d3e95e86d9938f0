"""A whole installation as a folder of files, and the way back.

database.dump, the blobs, a copy of the vectors if the index lies in a folder, and manifest.json
with the SHA-256 of each of them. The manifest is written last: a folder without one is no backup.
No secret of the installation is in it; what is kept of passwords, sessions and keys are hashes.
"""
